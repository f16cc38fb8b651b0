"""SOURCES.json: where the corpora of a folder come from, under which licence, what was done to them, and whether they
have as many sentences and entities as they are known to have."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timezone
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from polyner.corpora.conll import write_text
from polyner.corpora.quality import entity_counts
from polyner.corpora.sentence import SPLITS, Corpus, Sentence
from polyner.errors import CorpusError

FILE = "SOURCES.json"


@dataclass(frozen=True)
class Source:
    """Where one language's corpus comes from.

    name: of the collection; origin: an address, or the files on a disk; revision: a commit or version, if there is one.
    licence: as its owners state it. files: the SHA-256 of every file that was read. conversions: what was done, in
    words. repairs: what was mended, counted. notes: what is not as expected.
    """

    name: str
    origin: str
    licence: str
    revision: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    conversions: Sequence[str] = ()
    repairs: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[str] = ()


def record(root: Path, corpus: Corpus, source: Source) -> None:
    """Enter a corpus into the folder's SOURCES.json, in place of what stood there for its language."""
    entries = read_sources(root)
    entries[corpus.language] = {
        **asdict(source),
        "counts": {split: counts(corpus[split]) for split in SPLITS},
        "fingerprint": corpus.fingerprint,
        "added": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    text = json.dumps(dict(sorted(entries.items())), indent=2, ensure_ascii=False) + "\n"
    # The name of a file need not be UTF-8.
    write_text(root / FILE, text.encode(errors="backslashreplace").decode())


def record_derived(root: Path, before: Path, corpora: Iterable[Corpus], conversion: str) -> None:
    """Enter corpora that were made from those in `before`: their sources are the same, and `conversion` was done."""
    known = read_sources(before)
    for corpus in corpora:
        if entry := known.get(corpus.language):
            given = {field.name: entry.get(field.name) for field in fields(Source)}
            given["conversions"] = [*(given["conversions"] or ()), conversion]
            record(root, corpus, Source(**given))


def read_sources(root: Path) -> dict[str, dict[str, Any]]:
    """What SOURCES.json says, by language; nothing where there is none. Raises CorpusError where it is damaged."""
    path = root / FILE
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CorpusError(f"{path}: cannot be read: {error}") from None
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise CorpusError(f"{path}: not a record of corpora by language")
    return entries


def counts(sentences: Sequence[Sentence]) -> dict[str, Any]:
    """Sentences, words, and entities by type."""
    return {"sentences": len(sentences), "words": sum(map(len, sentences)), "entities": entity_counts(sentences)}


class Known(NamedTuple):
    """Of one file or split: its sentences, and its entities by type where those are known."""

    sentences: int
    entities: Mapping[str, int] | None = None


def _known() -> dict[str, dict[str, dict[str, Known]]]:
    """By collection, language, and split; `pool` is what a collection is split from here."""
    found: dict[str, dict[str, dict[str, Known]]] = {}
    for row in csv.DictReader(files(__package__).joinpath("known.csv").read_text(encoding="utf-8").splitlines()):
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
        for entity_type in sorted({*by_type, *known.entities}) if known.entities is not None else ():
            expected = known.entities.get(entity_type, 0)
            if (count := by_type.get(entity_type, 0)) != expected:
                found.append(f"{language} {part}: {count:,} {entity_type}, known to have {expected:,}")
    return found
