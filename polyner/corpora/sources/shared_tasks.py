"""The official files of the shared tasks of CoNLL-2002 (Spanish, Dutch) and CoNLL-2003 (English, German)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from polyner.corpora.conll import read_conll
from polyner.corpora.sentence import SPLITS, Corpus
from polyner.corpora.sources.catalogue import HUB
from polyner.corpora.sources.provenance import Source, differences
from polyner.disk import files_below
from polyner.errors import CorpusError
from polyner.integrity import sha256

_LANGUAGES = {"eng": ("eng", "conll2003"), "deu": ("deu", "conll2003"), "esp": ("spa", "conll2002")}
_LANGUAGES |= {"ned": ("nld", "conll2002")}
_SPLITS = {"train": "train", "testa": "dev", "testb": "test"}
_LICENCES = {
    "conll2002": HUB["conll2002"].licence,
    "conll2003": "as agreed with the owners: Reuters RCV1 (NIST); German: ECI Multilingual Text Corpus (LDC)",
}


def find_shared_tasks(paths: Sequence[Path]) -> dict[str, dict[str, Path]]:
    """The files named as the tasks name them (`eng.train`, `deu.testa`, `esp.testb`, …), by language and split.

    `paths` are files or folders, searched at any depth. Raises CorpusError where there is none, where a split of a
    language is missing, or where two files have the same name.
    """
    found: dict[str, dict[str, Path]] = {}
    for path in paths:
        if not path.exists():
            raise CorpusError(f"{path}: no such file or folder")
        for file in files_below(path) if path.is_dir() else [path]:
            language, _, split = file.name.lower().partition(".")
            if language in _LANGUAGES and split in _SPLITS and file.is_file():
                other = found.setdefault(language, {}).setdefault(_SPLITS[split], file)
                if other != file:
                    raise CorpusError(f"{other} and {file}: which of the two? Name the files themselves")
    if not found:
        names = ", ".join(f"{language}.train" for language in _LANGUAGES)
        raise CorpusError(f"{', '.join(map(str, paths))}: no file is named {names} or the like")
    ends = {split: end for end, split in _SPLITS.items()}
    for language, files in found.items():
        if missing := [f"{language}.{ends[split]}" for split in SPLITS if split not in files]:
            raise CorpusError(f"{next(iter(files.values())).parent}: {' and '.join(missing)} missing")
    return {_LANGUAGES[language][0]: files for language, files in found.items()}


def read_shared_task(language: str, files: dict[str, Path]) -> tuple[Corpus, Source]:
    """A language's corpus out of its three official files, and where it comes from.

    The files are in ISO-8859-1, unless someone has made UTF-8 of them. Raises CorpusError as `read_conll` does.
    """
    collection = next(collection for code, collection in _LANGUAGES.values() if code == language)
    encodings = {split: _encoding(path) for split, path in files.items()}
    read = {split: read_conll(path, encoding=encodings[split]) for split, path in files.items()}
    corpus = Corpus(language, **{split: file.sentences for split, file in read.items()})
    conversions = [f"{files[s].name}: {encodings[s].upper()}, {read[s].scheme} to IOB2" for s in SPLITS]
    source = Source(
        name=collection,
        origin=", ".join(path.name for path in files.values()),
        licence=_LICENCES[collection],
        files={path.name: sha256(path) for path in files.values()},
        conversions=[*conversions, "-DOCSTART- lines left out", "words to NFC"],
        repairs={split: file.repairs for split, file in read.items()},
        notes=differences(collection, language, {split: corpus[split] for split in SPLITS}),
    )
    return corpus, source


def _encoding(path: Path) -> str:
    """UTF-8 where the bytes are it: hardly any other text in ISO-8859-1 happens to be."""
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return "iso-8859-1"
    return "utf-8"
