"""How many sentences and entities well-known corpora have, to check a copy against."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import NamedTuple

from polyner.corpora.quality import entity_counts
from polyner.corpora.sentence import Sentence


class Known(NamedTuple):
    """Of one file or split: its sentences, and its entities by type where those are known."""

    sentences: int
    entities: Mapping[str, int] | None = None


def _known() -> dict[str, dict[str, dict[str, Known]]]:
    """By collection, language, and split; `pool` is what a collection is split from here."""
    found: dict[str, dict[str, dict[str, Known]]] = {}
    text = files(__package__).joinpath("known.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        kinds, numbers = row["entities"].split()[::2], map(int, row["entities"].split()[1::2])
        known = Known(int(row["sentences"]), dict(zip(kinds, numbers, strict=True)) or None)
        found.setdefault(row["collection"], {}).setdefault(row["language"], {})[row["part"]] = known
    return found


KNOWN = _known()


def differences(collection: str, language: str, parts: Mapping[str, Sequence[Sentence]]) -> list[str]:
    """Where a copy has not as many sentences or entities as it is known to have, in words; none where all is well.

    Collections, languages and parts of which nothing is known are not checked.
    """
    found = []
    for part, known in KNOWN.get(collection, {}).get(language, {}).items():
        if part not in parts:
            continue
        if len(parts[part]) != known.sentences:
            found.append(f"{language} {part}: {len(parts[part]):,} sentences, known to have {known.sentences:,}")
        by_type = entity_counts(parts[part])
        for entity_type in sorted({*by_type, *(known.entities or ())}) if known.entities is not None else ():
            expected = known.entities.get(entity_type, 0)
            if (count := by_type.get(entity_type, 0)) != expected:
                found.append(f"{language} {part}: {count:,} {entity_type}, known to have {expected:,}")
    return found


def is_known(collection: str, language: str) -> bool:
    """Whether there are counts to check this corpus against."""
    return bool(KNOWN.get(collection, {}).get(language))
