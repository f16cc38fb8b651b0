"""Fetching a collection, language by language, into a corpora folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from polyner.corpora.folder import SAMPLE_MARK, read_corpora, write_corpus
from polyner.corpora.languages import in_order
from polyner.corpora.sentence import SPLITS, Corpus
from polyner.corpora.sources import hub, repositories
from polyner.corpora.sources.catalogue import HUB, NAMES, REPOSITORIES
from polyner.corpora.sources.provenance import Source, read_sources, record
from polyner.errors import CorpusError, SettingsError
from polyner.progress import progress_bar


def licences_of(name: str, languages: Sequence[str] | None = None) -> dict[str, str]:
    """The languages of a collection, by default all, with their licences.

    Raises SettingsError for an unknown collection or a language that it does not have.
    """
    if name not in NAMES:
        raise SettingsError(f"unknown collection {name!r}: one of {', '.join(NAMES)}")
    if name in REPOSITORIES:
        corpora = REPOSITORIES[name].items()
        licences = {code: f"{each.about}; {each.repository.name}: {each.licence}" for code, each in corpora}
    else:
        licences = dict.fromkeys(HUB[name].configurations, HUB[name].licence)
    if missing := [code for code in languages or () if code not in licences]:
        raise SettingsError(f"{name} has no {', '.join(missing)}: it has {', '.join(in_order(licences))}")
    return {code: licences[code] for code in in_order(languages or licences)}


def is_there(name: str, code: str, out: Path, revision: str | None = None) -> bool:
    """Whether `out` has a language as it would be fetched, so that a fetch that was interrupted goes on where it was.

    That is so where SOURCES.json has it of the same collection, revision and files, and the sentences are those that
    were written then.
    """
    entry = read_sources(out).get(code, {})
    if name in REPOSITORIES:
        corpus = REPOSITORIES[name][code]
        revision = corpus.repository.commit
        if set(entry.get("files") or ()) != repositories.addresses(corpus):
            return False
    if entry.get("name") != name or not entry.get("revision") or revision not in (None, entry["revision"]):
        return False
    _put_back(out, code)
    try:
        return read_corpora(out, [code])[code].fingerprint == entry.get("fingerprint")
    except CorpusError:
        return False


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
    name: str, languages: Sequence[str], out: Path, *, revision: str | None = None, folder: Path | None = None
) -> Iterator[tuple[Corpus, Source]]:
    """Fetch languages of a collection and write them below `out`; each is in the folder when it is yielded.

    revision: of the hub's repository; None for the one that `out` has of it already, else the newest, which is kept in
    SOURCES.json for the next time. folder: read the files there instead of downloading.

    Raises NotAvailable without a network, and CorpusError for files that are not what they should be.
    """
    recorded = [e for e in read_sources(out).values() if e.get("name") == name and e.get("revision")]
    read = (repositories if name in REPOSITORIES else hub).reader(name, revision, folder, recorded)
    with progress_bar(name, len(languages)) as advance:
        for code in languages:
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
            place.rename(out / f".{corpus.language}.before")
        (writing / corpus.language).rename(place)
    except OSError as error:
        raise CorpusError(f"{place}: cannot be written: {error.strerror or error}") from None
    finally:
        _put_back(out, corpus.language)
        shutil.rmtree(writing, ignore_errors=True)
    record(out, corpus, source)


def _put_back(out: Path, language: str) -> None:
    """Put back a corpus that was moved aside where no other has taken its place; else delete it. Raises CorpusError."""
    aside = out / f".{language}.before"
    if (out / language).exists():
        shutil.rmtree(aside, ignore_errors=True)
    elif aside.exists():
        try:
            aside.rename(out / language)
        except OSError as error:
            raise CorpusError(f"{aside}: cannot be put back: {error.strerror or error}") from None
