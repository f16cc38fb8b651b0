"""Collections on the Hugging Face hub: their parquet files at one commit, or the same files in a folder."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polyner.corpora.columns import BOUNDARIES, check_tag
from polyner.corpora.conll import composed_word, to_iob2
from polyner.corpora.prepare import deduplicated
from polyner.corpora.sentence import SPLITS, Corpus, Sentence
from polyner.corpora.sources.catalogue import HUB, HubSet
from polyner.corpora.sources.formats import Read, joined
from polyner.corpora.sources.provenance import Source, differences
from polyner.corpora.sources.repositories import SEED, refusal, split_pool
from polyner.disk import cannot_be_written, files_below
from polyner.errors import CorpusError, NotAvailable, needed, one_line
from polyner.integrity import sha256

if TYPE_CHECKING:
    from pyarrow.parquet import FileMetaData

_READ_AT_MOST = 512 << 20
_PURPOSE = "reading the hub's parquet files"
# What a parquet file may hold when it is unpacked; the largest of these corpora has about 100,000 rows.
_MOST_ROWS, _MOST_VALUES, _MOST_BYTES = 5_000_000, 100_000_000, 1 << 30

_Files = tuple[str | None, list[str], Callable[[str], Path]]
"""The commit of a collection (None: a folder), the names of its files, and how one is had."""


def reader(
    name: str, revision: str | None, folder: Path | None, recorded: Sequence[Mapping[str, Any]]
) -> Callable[[str], tuple[Corpus, Source]]:
    """How a language of a collection is had, and where it comes from: see `fetch.fetch`.

    recorded: what SOURCES.json has of this collection already. Raises NotAvailable where the hub does not answer, and
    where parquet files cannot be read.
    """
    needed("pyarrow", _PURPOSE, "parquet")  # before anything is downloaded
    collection = HUB[name]
    revision = revision or next((entry["revision"] for entry in recorded), collection.branch)
    commit, names, get = _in_folder(folder) if folder else _on_hub(collection, revision)

    def read(language: str) -> tuple[Corpus, Source]:
        parts, digests = _read_language(collection, names, get, language)
        sentences = {part: each.sentences for part, each in parts.items()}
        splits, conversion = sentences, "splits as published"
        if "pool" in parts:
            kept, lost = deduplicated({"train": sentences["pool"]})
            splits = split_pool(kept["train"])
            conversion = f"{lost['train']} repeated sentences removed, then split 80/10/10 by sentence, seed {SEED}"
        source = Source(
            name=name,
            origin=str(folder) if folder else collection.repository,
            revision=commit,
            licence=collection.licence,
            files=digests,
            conversions=[conversion],
            repairs=dict(sorted(joined(parts.values()).repairs.items())),
            notes=differences(name, language, sentences),
        )
        return Corpus(language, **splits), source

    return read


def _on_hub(collection: HubSet, revision: str) -> _Files:
    """A collection's files at `revision`, or at what a branch of that name is now; `HF_ENDPOINT` names another hub."""
    from huggingface_hub import HfApi
    from huggingface_hub.utils import disable_progress_bars

    endpoint = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    disable_progress_bars()
    with _said_in_a_line(collection, endpoint):
        hub = HfApi(endpoint=endpoint)
        info = hub.dataset_info(collection.repository, revision=revision, files_metadata=True, timeout=30)
    files = info.siblings or ()
    digests = {file.rfilename: file.lfs.sha256 for file in files if file.lfs}

    def get(name: str) -> Path:
        with _said_in_a_line(collection, endpoint):
            path = Path(hub.hf_hub_download(collection.repository, name, repo_type="dataset", revision=info.sha))
        if name in digests and sha256(path) != digests[name]:
            raise CorpusError(f"{path}: not the file that the hub has (another SHA-256): delete it and fetch again")
        return path

    return info.sha, [file.rfilename for file in files if ".." not in file.rfilename.split("/")], get


def _in_folder(folder: Path) -> _Files:
    """The parquet files of a folder that has a collection's layout. Raises CorpusError where there is none."""
    names = [path.relative_to(folder).as_posix() for path in files_below(folder) if path.suffix == ".parquet"]
    if not names:
        raise CorpusError(f"{folder}: no .parquet file in it")
    return None, names, lambda name: folder / name


def _read_language(
    collection: HubSet, names: Sequence[str], get: Callable[[str], Path], language: str
) -> tuple[dict[str, Read], dict[str, str]]:
    """The splits of a language (of several configurations, joined) and the SHA-256 of every file.

    Splits are named `train`, `dev`, `test`; `pool` for a language that has no training set. Raises CorpusError where a
    split is missing or a file is not as it should be.
    """
    digests: dict[str, str] = {}
    wanted = ["pool"] * len(SPLITS) if language in collection.resplit else SPLITS
    ours = dict(zip(collection.splits, wanted, strict=True))
    parts: dict[str, list[Read]] = {part: [] for part in wanted}
    for config in collection.configurations[language]:
        for name in names:
            if (place := collection.place(name)) is None or place[0] != config:
                continue
            path = get(name)
            digests[name] = sha256(path)
            parts[ours[place[1]]].append(read_parquet(path, collection.labels))
    if missing := [part for part, reads in parts.items() if not reads]:
        raise CorpusError(f"{collection.repository}: no parquet file of {language} {' and '.join(missing)}")
    return {part: joined(reads) for part, reads in parts.items()}, digests


def read_parquet(path: Path, labels: Sequence[str]) -> Read:
    """The sentences of a file with the columns `tokens` and `ner_tags`, these as text or as numbers.

    Numbers stand for the labels that the file names itself, else for `labels`. Raises CorpusError for another file.
    """
    pyarrow, parquet = (needed(name, _PURPOSE, "parquet") for name in ("pyarrow", "pyarrow.parquet"))
    try:
        if path.stat().st_size > _READ_AT_MOST:
            raise CorpusError(f"{path}: larger than {_READ_AT_MOST >> 20} MB, which no such corpus is")
        _check_size(path, parquet.read_metadata(path))
        table = parquet.read_table(path, columns=["tokens", "ner_tags"])
        rows = list(zip(table["tokens"].to_pylist(), table["ner_tags"].to_pylist(), strict=True))
    except (OSError, pyarrow.ArrowException, KeyError, ValueError) as error:
        raise CorpusError(f"{path}: no parquet file with tokens and ner_tags: {one_line(error, 120)}") from None
    names = _label_names(table.schema.metadata or {}) or labels
    sentences: list[Sentence] = []
    repairs: Counter[str] = Counter()
    for number, (tokens, tags) in enumerate(rows):
        words, own = _row(f"{path}, row {number}", tokens, tags, names)
        iob2, repaired = to_iob2(own)
        repairs.update({"orphaned I- tags": repaired, "words dropped": len(tokens) - len(words)})
        if words:
            sentences.append(Sentence(words, iob2))
    return Read(tuple(sentences), +repairs)


def _check_size(path: Path, metadata: FileMetaData) -> None:
    """Raise CorpusError for a file that says to hold more than any such corpus: a small file may unpack to a lot."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    values = sum(group.column(i).num_values for group in groups for i in range(group.num_columns))
    for what, number, most in (
        ("rows", metadata.num_rows, _MOST_ROWS),
        ("values", values, _MOST_VALUES),
        ("bytes when unpacked", sum(group.total_byte_size for group in groups), _MOST_BYTES),
    ):
        if number > most:
            raise CorpusError(f"{path}: {number:,} {what}, and no such corpus has more than {most:,}")


def _label_names(metadata: Mapping[bytes, bytes]) -> list[str]:
    """The names of the labels that the hub's library writes into a file; none where it wrote none."""
    try:
        feature = json.loads(metadata[b"huggingface"])["info"]["features"]["ner_tags"]
        return [str(name) for name in feature.get("feature", feature)["names"]]
    except (KeyError, TypeError, ValueError, AttributeError):
        return []


def _row(where: str, tokens: Any, tags: Any, names: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """The words and tags of a row, without words of which nothing is left when they are cleaned, and what is none."""
    if not isinstance(tokens, list) or not isinstance(tags, list) or len(tokens) != len(tags):
        raise CorpusError(f"{where}: not as many tags as tokens")
    words, own = [], []
    for token, tag in zip(tokens, tags, strict=True):
        if isinstance(tag, int):
            if not 0 <= tag < len(names):
                raise CorpusError(f"{where}: the label {tag} is none of {len(names)}")
            tag = names[tag]
        check_tag(where, str(tag))
        if (word := composed_word(str(token or ""))) not in ("", *BOUNDARIES):
            words.append(word)
            own.append(tag)
    return tuple(words), own


@contextmanager
def _said_in_a_line(collection: HubSet, endpoint: str) -> Iterator[None]:
    """Turn whatever goes wrong with the hub into one line that says what to do."""
    from huggingface_hub import errors

    network = getattr(errors, "HTTPError", OSError)
    try:
        yield
    except errors.GatedRepoError:
        raise NotAvailable(f"{collection.repository} asks you to accept its terms on the hub, and to log in") from None
    except errors.LocalEntryNotFoundError as error:
        raise NotAvailable(_by_hand(collection, endpoint, error)) from None
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.EntryNotFoundError) as error:
        reason = one_line(error, 120)
        raise NotAvailable(f"{collection.repository} is not on the hub, or not at this revision: {reason}") from None
    except (OSError, network, ValueError) as error:
        if cannot_be_written(error):
            where = error.filename or "the cache of the hub"
            raise CorpusError(f"{where}: cannot be written: {error.strerror}") from None
        raise NotAvailable(_by_hand(collection, endpoint, error)) from None


def _by_hand(collection: HubSet, endpoint: str, error: Exception) -> str:
    revision = f" --revision {collection.branch}" if collection.branch != "main" else ""
    download = f"hf download --repo-type dataset {collection.repository}{revision} --local-dir FOLDER"
    return f"{refusal(endpoint, error)}; to bring the files by hand: {download}, and then --from FOLDER"
