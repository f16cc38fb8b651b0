"""SOURCES.json: where the corpora of a folder come from, under which licence, and what was done to them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from polyner.corpora.conll import write_whole
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
    write_whole(root / FILE, json.dumps(dict(sorted(entries.items())), indent=2, ensure_ascii=False) + "\n")


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
