"""Fetching a collection, language by language, into a corpora folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from polyner.corpora.conll import read_conll
from polyner.corpora.folder import SAMPLE_MARK, corpus_files, write_corpus
from polyner.corpora.languages import in_order
from polyner.corpora.sentence import SPLITS, Corpus
from polyner.corpora.sources.catalogue import ABOUT, HUB, NAMES, REPOSITORIES
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
    offered = REPOSITORIES[name] if name in REPOSITORIES else HUB[name].configurations
    if missing := [code for code in languages or () if code not in offered]:
        raise SettingsError(f"{name} has no {', '.join(missing)}: it has {', '.join(in_order(offered))}")
    chosen = tuple(in_order(languages or offered))
    if name in REPOSITORIES:
        corpora = {code: REPOSITORIES[name][code] for code in chosen}
        licences = {code: f"{each.about}; {each.repository.name}: {each.licence}" for code, each in corpora.items()}
        return Plan(name, chosen, licences, ABOUT[name])
    return Plan(name, chosen, dict.fromkeys(chosen, HUB[name].licence), ABOUT[name])


def without_those_there(planned: Plan, out: Path, revision: str | None = None) -> tuple[Plan, tuple[str, ...]]:
    """The plan without the languages that `out` has as they would be fetched, and these languages.

    They are there where SOURCES.json has them of the same collection, revision and files, and the sentences are those
    that were written then. So a fetch that was interrupted goes on where it was.
    """
    there = tuple(code for code in planned.languages if _is_there(planned.name, code, out, revision))
    left = tuple(code for code in planned.languages if code not in there)
    return replace(planned, languages=left), there


def _is_there(name: str, code: str, out: Path, revision: str | None) -> bool:
    from polyner.corpora.sources.repositories import addresses

    entry = read_sources(out).get(code, {})
    files = entry.get("files") or {}
    if entry.get("name") != name or not entry.get("revision"):
        return False
    if name in REPOSITORIES:
        corpus = REPOSITORIES[name][code]
        if entry["revision"] != corpus.repository.commit or set(files) != addresses(corpus):
            return False
    elif revision not in (None, entry["revision"]):
        return False
    _put_back(out, code)
    try:
        splits = {split: read_conll(path).sentences for split, path in corpus_files(out / code).items()}
    except CorpusError:
        return False
    return set(splits) == set(SPLITS) and Corpus(code, **splits).fingerprint == entry.get("fingerprint")


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
    if planned.name in REPOSITORIES:
        from polyner.corpora.sources.repositories import reader
    else:
        from polyner.corpora.sources.hub import reader

    entries = [entry for entry in read_sources(out).values() if entry.get("name") == planned.name]
    recorded = [entry for entry in entries if entry.get("revision")]
    read = reader(planned.name, revision, folder, recorded)
    with progress_bar(planned.name, len(planned.languages)) as advance:
        for code in planned.languages:
            corpus, source = read(code)
            store(out, corpus, source)
            advance(code)
            yield corpus, source


def store(out: Path, corpus: Corpus, source: Source) -> None:
    """Write a corpus, all splits or none, and the record of where it comes from.

    Raises CorpusError for a split without sentences, and where the folder cannot be written to.
    """
    if empty := [split for split in SPLITS if not corpus[split]]:
        raise CorpusError(f"{corpus.language}: no sentence for {empty[0]}")
    place, writing = out / corpus.language, out / f".{corpus.language}.new"
    shutil.rmtree(writing, ignore_errors=True)  # what a killed process had begun to write
    try:
        write_corpus(writing, corpus)
        _put_back(out, corpus.language)
        if place.exists():
            place.rename(_aside(out, corpus.language))
        (writing / corpus.language).rename(place)
    except OSError as error:
        raise CorpusError(f"{place}: cannot be written: {error.strerror or error}") from None
    finally:
        _put_back(out, corpus.language)
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
