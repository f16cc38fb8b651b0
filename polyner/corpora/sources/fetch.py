"""Fetching a collection, language by language, into a corpora folder."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from polyner.corpora.folder import SAMPLE_MARK, write_corpus
from polyner.corpora.languages import LANGUAGES
from polyner.corpora.sentence import SPLITS, Corpus
from polyner.corpora.sources.catalogue import HUB, NAMES, OPEN
from polyner.corpora.sources.known import differences, known_as
from polyner.corpora.sources.provenance import Source, read_sources, record
from polyner.errors import CorpusError, SettingsError
from polyner.progress import progress_bar


@dataclass(frozen=True)
class Plan:
    """What will be fetched: a collection, its languages, and for each its licence and where it comes from."""

    name: str
    languages: tuple[str, ...]
    licences: Mapping[str, str]
    about: str


def plan(name: str, languages: Sequence[str] | None = None) -> Plan:
    """What `fetch` would fetch. Raises SettingsError for an unknown collection or a language that it does not have."""
    if name not in NAMES:
        raise SettingsError(f"unknown collection {name!r}: one of {', '.join(NAMES)}")
    offered = OPEN if name == "open" else HUB[name].configurations
    if missing := [code for code in languages or () if code not in offered]:
        has = ", ".join(code for code in LANGUAGES if code in offered)
        raise SettingsError(f"{name} has no {', '.join(missing)}: it has {has}")
    chosen = tuple(code for code in LANGUAGES if code in (languages or offered) and code in offered)
    if name == "open":
        licences = {code: f"{OPEN[code].about}; {OPEN[code].repository.name}: {OPEN[code].licence}" for code in chosen}
        return Plan(name, chosen, licences, "openly licensed corpora, a source for each language")
    return Plan(name, chosen, dict.fromkeys(chosen, HUB[name].licence), f"{HUB[name].about}; {HUB[name].repository}")


def check_target(out: Path, languages: Sequence[str], force: bool) -> None:
    """Raise SettingsError where a language is there already, or the folder holds generated corpora.

    A corpus that a killed process had moved aside is first put back.
    """
    if (out / SAMPLE_MARK).exists():
        raise SettingsError(f"{out} holds generated sample corpora: name another folder")
    for code in languages:
        _put_back(out, code)
    for code in languages:
        if (out / code).exists() and not force:
            raise SettingsError(f"{out / code} is there already; --force replaces it")


def fetch(
    planned: Plan, out: Path, *, revision: str | None = None, folder: Path | None = None
) -> Iterator[tuple[Corpus, Source]]:
    """Fetch what is planned and write it below `out`, a language at a time; each is in the folder when it is yielded.

    revision: of the hub's repository; None for the one that `out` has of it already, else the newest, which is kept in
    SOURCES.json for the next time. folder: read the files there instead of downloading.

    Raises NotAvailable without a network, and CorpusError for files that are not what they should be.
    """
    languages = _open_languages if planned.name == "open" else _hub_languages
    for corpus, source in languages(planned, out, revision, folder):
        store(out, corpus, source)
        yield corpus, source


def store(out: Path, corpus: Corpus, source: Source) -> None:
    """Write a corpus, all splits or none, and the record of where it comes from.

    Raises CorpusError for a split without sentences, and where the folder cannot be written to.
    """
    if empty := [split for split in SPLITS if not corpus[split]]:
        raise CorpusError(f"{corpus.language}: no sentence for {empty[0]}")
    writing = out / f".{corpus.language}.{os.getpid()}"
    place = out / corpus.language
    try:
        write_corpus(writing, corpus)
        _put_back(out, corpus.language)
        if place.exists():
            place.rename(_aside(out, corpus.language))
        try:
            (writing / corpus.language).rename(place)
        finally:
            _put_back(out, corpus.language)
    except OSError as error:
        raise CorpusError(f"{out / corpus.language}: cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(writing, ignore_errors=True)
    record(out, corpus, source)


def _aside(out: Path, language: str) -> Path:
    """Where a corpus lies while another takes its place: always there, so that it is found after a kill."""
    return out / f".{language}.before"


def _put_back(out: Path, language: str) -> None:
    """Put back a corpus that was moved aside where no other has taken its place; else delete it. Raises CorpusError."""
    aside = _aside(out, language)
    if (out / language).exists():
        shutil.rmtree(aside, ignore_errors=True)
    elif aside.exists():
        try:
            aside.rename(out / language)
        except OSError as error:
            raise CorpusError(f"{aside}: cannot be put back: {error.strerror or error}") from None


def _hub_languages(
    planned: Plan, out: Path, revision: str | None, folder: Path | None
) -> Iterator[tuple[Corpus, Source]]:
    from polyner.corpora.sources.hub import count_files, find_in_folder, find_on_hub, read_language
    from polyner.corpora.sources.repositories import split_pool

    collection = HUB[planned.name]
    revision = revision or _recorded_revision(out, planned.name)
    files = find_in_folder(folder) if folder else find_on_hub(collection, revision)
    total = sum(count_files(collection, files, code) for code in planned.languages)
    with progress_bar(planned.name, total) as advance:
        for code in planned.languages:
            parts, digests = read_language(collection, files, code, advance)
            sentences = {part: read.sentences for part, read in parts.items()}
            splits: Mapping[str, Any] = split_pool(sentences["pool"]) if "pool" in parts else sentences
            source = Source(
                name=planned.name,
                origin=str(folder) if folder else collection.repository,
                revision=files.revision,
                licence=collection.licence,
                files=digests,
                conversions=["split 80/10/10 by sentence"] if "pool" in parts else ["splits as published"],
                repairs=dict(sorted(sum((read.repairs for read in parts.values()), Counter()).items())),
                notes=differences(known_as(planned.name), code, sentences),
            )
            yield Corpus(code, **splits), source


def _open_languages(
    planned: Plan, out: Path, revision: str | None, folder: Path | None
) -> Iterator[tuple[Corpus, Source]]:
    from polyner.corpora.sources.repositories import download, from_clones, read_open

    if revision:
        raise SettingsError("open has a commit for each of its repositories, and no --revision")
    known = {
        name: digest
        for entry in _recorded(out, "open")
        if entry.get("revision")
        for name, digest in entry.get("files", {}).items()
    }
    get = from_clones(folder) if folder else download(known)
    with progress_bar(planned.name, len(planned.languages)) as advance:
        for code in planned.languages:
            corpus, source = read_open(code, OPEN[code], get)
            yield corpus, _of_a_clone(source, known) if folder else source
            advance(code)


def _of_a_clone(source: Source, known: Mapping[str, str]) -> Source:
    """The source without a revision, unless every file is one that was had from that commit before.

    known: SHA-256 of files from the network, by address. A clone can be at any commit, and changed.
    """
    if source.files and all(known.get(name) == digest for name, digest in source.files.items()):
        return source
    return replace(
        source,
        revision=None,
        files={re.sub(r"/raw/[0-9a-f]{40}/", "/", name): digest for name, digest in source.files.items()},
        notes=[*source.notes, f"an unverified clone of {source.origin}, expected to be at {source.revision}"],
    )


def _recorded(out: Path, name: str) -> list[dict[str, Any]]:
    return [entry for entry in read_sources(out).values() if entry.get("name") == name]


def _recorded_revision(out: Path, name: str) -> str | None:
    revisions = [entry["revision"] for entry in _recorded(out, name) if entry.get("revision")]
    return revisions[0] if revisions else None
