"""Corpora in public repositories: files at pinned commits, with pooch, or out of a folder of clones."""

from __future__ import annotations

import logging
import os
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from polyner.corpora.prepare import deduplicated, describe_projection, retyped
from polyner.corpora.sentence import SPLITS, Corpus, Sentence
from polyner.corpora.sources.archives import read_members
from polyner.corpora.sources.catalogue import REPOSITORIES, Repository, RepositoryCorpus
from polyner.corpora.sources.formats import READERS, Read, joined
from polyner.corpora.sources.provenance import Source, differences
from polyner.disk import cannot_be_written
from polyner.errors import CorpusError, NotAvailable, SettingsError, one_line
from polyner.integrity import sha256

SEED = 20201116  # of every split that is made here

Get = Callable[[Repository, str], Path]


def address(repository: Repository, path: str) -> str:
    """Where a file of a repository is on the server; an empty path stands for an archive of all of it."""
    inside = f"raw/{repository.commit}/{path}" if path else f"archive/{repository.commit}.zip"
    return f"{repository.name}/{inside}"


def download(known: Mapping[str, str]) -> Get:
    """How a file of a repository is had from the network; its path is as `address` has it.

    `known` has the SHA-256 of files that were had before, by address: others are not accepted then. Files are kept
    below `$POLYNER_CACHE` or the user's cache folder. `POLYNER_REPOSITORIES` names another server of the same layout.
    """
    base = (os.environ.get("POLYNER_REPOSITORIES") or "https://github.com").rstrip("/")
    cache = Path(os.environ.get("POLYNER_CACHE") or user_cache_path("polyner")).expanduser() / "downloads"

    def get(repository: Repository, path: str) -> Path:
        import pooch

        pooch.get_logger().setLevel(logging.ERROR)
        folder = cache / repository.name / repository.commit
        try:
            file = pooch.retrieve(
                f"{base}/{address(repository, path)}",
                known_hash=known.get(address(repository, path)),
                fname=Path(path).name if path else "archive.zip",
                path=folder / Path(path).parent,
                downloader=pooch.HTTPDownloader(timeout=60),
            )
        except ValueError:
            # An archive that GitHub has packed anew may hold the same files, and only its content can tell.
            why = "another SHA-256" if path else "another SHA-256, as when GitHub packs the same commit anew"
            said = f"{path or 'the archive'} is another file than the one recorded in SOURCES.json ({why})"
            hint = "fetch it into another --out, and compare the fingerprints in both SOURCES.json"
            raise CorpusError(f"{repository.name}: {said}: {hint}") from None
        except OSError as error:
            if cannot_be_written(error):
                raise CorpusError(f"{folder}: cannot be written: {error.strerror}") from None
            raise NotAvailable(_not_had(base, repository, path, error)) from None
        return Path(file)

    return get


def addresses(corpus: RepositoryCorpus) -> set[str]:
    """Where all files of a corpus are, as `read_repository` records them."""
    places = [place for files in corpus.parts.values() for place in _places(corpus, files)]
    return {address(repository, "" if corpus.archive else path) for repository, path in places}


def from_clones(folder: Path) -> Get:
    """How a file of a repository is had from FOLDER/OWNER/NAME, a clone or an unpacked archive."""

    def get(repository: Repository, path: str) -> Path:
        if not (found := folder / repository.name / path).exists():
            raise CorpusError(f"{found}: no such file (--from takes a folder with OWNER/NAME of the repositories)")
        return found

    return get


def reader(
    name: str, revision: str | None, folder: Path | None, recorded: Sequence[Mapping[str, Any]]
) -> Callable[[str], tuple[Corpus, Source]]:
    """How a language of a collection is had, and where it comes from: see `fetch.fetch`.

    recorded: what SOURCES.json has of this collection already, whose files have to be the same.
    """
    if revision:
        raise SettingsError(f"{name} has a commit for each of its repositories, and no --revision")
    known = {address: digest for entry in recorded for address, digest in entry.get("files", {}).items()}
    get = from_clones(folder) if folder else download(known)

    def read(language: str) -> tuple[Corpus, Source]:
        corpus, source = read_repository(name, language, REPOSITORIES[name][language], get)
        return corpus, _of_a_clone(source, known) if folder else source

    return read


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


def read_repository(collection: str, language: str, corpus: RepositoryCorpus, get: Get) -> tuple[Corpus, Source]:
    """A language's corpus out of its repository, split as `catalogue.RepositoryCorpus` says, and where it comes from.

    Of a published test set's sentences, those that occur in training are removed.
    Raises CorpusError for a malformed file.
    """
    digests: dict[str, str] = {}
    parts = {part: _read(corpus, files, get, digests) for part, files in corpus.parts.items()}
    renamed = {part: read.sentences for part, read in parts.items()}
    if corpus.types:
        renamed = {part: retyped(sentences, corpus.types) for part, sentences in renamed.items()}
    splits, conversions = _split(renamed)
    seen = {sentence.words for sentence in splits["train"]}
    kept = tuple(sentence for sentence in splits["test"] if sentence.words not in seen)
    if removed := len(splits["test"]) - len(kept):
        conversions.append(f"{removed} test sentences that occur in train removed")
    if corpus.types:
        conversions.append(f"types {describe_projection(corpus.types)}")
    source = Source(
        name=collection,
        origin=corpus.repository.name,
        revision=corpus.repository.commit,
        licence=corpus.licence,
        files=digests,
        conversions=[corpus.about, *conversions, "words to NFC"],
        repairs=dict(sorted(joined(parts.values()).repairs.items())),
        notes=differences(collection, language, renamed),
    )
    return Corpus(language, splits["train"], splits["dev"], kept), source


def _read(corpus: RepositoryCorpus, files: Sequence[str], get: Get, digests: dict[str, str]) -> Read:
    """The sentences of a part, and into `digests` the SHA-256 of each file that was had."""
    contents: dict[str, bytes] = {}
    for repository, path in _places(corpus, files):
        if not corpus.archive:
            file = get(repository, path)
            contents[str(file)] = file.read_bytes()
            digests[address(repository, path)] = sha256(file)
            continue
        whole = get(repository, "")
        if whole.is_file():
            digests.setdefault(address(repository, ""), sha256(whole))
        contents |= read_members(whole, lambda name, pattern=path: bool(re.search(pattern, name)), zips=lambda _: False)
    if not contents:
        raise CorpusError(f"{corpus.repository.name}: no file of {' and '.join(files)}")
    return READERS[corpus.reader](contents)


def _places(corpus: RepositoryCorpus, files: Sequence[str]) -> list[tuple[Repository, str]]:
    by_repository = {corpus.repository: files, **corpus.more}
    return [(repository, path) for repository, paths in by_repository.items() for path in paths]


def _split(parts: Mapping[str, Sequence[Sentence]]) -> tuple[dict[str, tuple[Sentence, ...]], list[str]]:
    """Train, dev and test out of the parts, and what was done, in words."""
    if "pool" in parts:
        pool = tuple(dict.fromkeys(parts["pool"]))
        lost = len(parts["pool"]) - len(pool)
        return split_pool(pool), [f"{lost} exact duplicates removed, then split 80/10/10 by sentence, seed {SEED}"]
    if "dev" not in parts:
        order = _shuffled(parts["train"])
        cut = round(0.1 * len(order))
        said = f"a tenth of train as dev, drawn with seed {SEED}"
        return {"train": order[cut:], "dev": order[:cut], "test": tuple(parts["test"])}, [said]
    if "test" not in parts:
        return _halved(parts)
    return {split: tuple(parts[split]) for split in SPLITS}, []


def _halved(parts: Mapping[str, Sequence[Sentence]]) -> tuple[dict[str, tuple[Sentence, ...]], list[str]]:
    """Train without what it repeats or dev has, and dev, without what it repeats, in two halves: dev and test.

    Dev keeps what both have: of some languages train has most of dev, and what was left could measure little.
    """
    kept, lost = deduplicated(parts, keep="test")
    middle = (len(kept["dev"]) + 1) // 2
    splits = {"train": kept["train"], "dev": kept["dev"][:middle], "test": kept["dev"][middle:]}
    said = f"{lost['dev']:,} repeated sentences of dev removed, {lost['train']:,} of train that it repeats or dev has"
    return splits, [said, "the first half of dev as dev, the second as test"]


def split_pool(sentences: Sequence[Sentence]) -> dict[str, tuple[Sentence, ...]]:
    """Sentences in three splits, 80, 10 and 10 in 100, always the same ones."""
    order = _shuffled(sentences)
    tenth = round(0.1 * len(order))
    return {"train": order[2 * tenth :], "dev": order[:tenth], "test": order[tenth : 2 * tenth]}


def _shuffled(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    order = list(sentences)
    random.Random(SEED).shuffle(order)
    return tuple(order)


def status_of(error: BaseException) -> int | None:
    """The HTTP status that an error, or what caused it, is about."""
    # A response that is an error is false.
    responses = [getattr(each, "response", None) for each in (error, error.__cause__)]
    return next((response.status_code for response in responses if response is not None), None)


def refusal(server: str, error: BaseException) -> str:
    """Why nothing could be had from a server, in words."""
    if status := status_of(error):
        return f"{server} refuses to give it now (HTTP {status})"
    return f"{server} cannot be reached ({one_line(error, 100)})"


def _not_had(base: str, repository: Repository, path: str, error: OSError) -> str:
    if (status := status_of(error)) in (404, 410):
        what = f"{path or 'archive'} at {repository.commit[:12]}"
        why = f"{base} has no {repository.name}, or it has no {what} any more (HTTP {status})"
        return f"{why}; if you have a clone of it: --from FOLDER, with the clone in FOLDER/{repository.name}"
    clone = f"git clone {base}/{repository.name} into FOLDER/{repository.name}"
    checkout = f"git checkout {repository.commit[:12]} there"
    return f"{refusal(base, error)}; to bring the files by hand: {clone}, {checkout}, and then --from FOLDER"
