"""Corpora by name or folder: `<root>/<iso 639-3>/{train,dev,test}.conll`, or the built-in sample."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from polyner.corpora.conll import read_conll, write_conll, write_whole
from polyner.corpora.languages import LANGUAGES
from polyner.corpora.sentence import SPLITS, Corpus
from polyner.errors import CorpusError

SAMPLE_MARK = "GENERATED.txt"


def read_corpora(
    root: str | Path, languages: Sequence[str] | None = None, *, normalise: bool = True
) -> dict[str, Corpus]:
    """The corpora below `root` (or the generated ones where `root` is "sample"), by language, in Table 2's order.

    `languages` None means all that are there; those of `languages` that are not there are simply absent from the
    answer. Raises CorpusError for a code outside Table 2, a folder without any corpus, a split that is missing, or a
    malformed file.
    """
    for code in languages or ():
        if code not in LANGUAGES:
            raise CorpusError(f"unknown language {code!r}: one of {', '.join(LANGUAGES)}")
    wanted = [code for code in LANGUAGES if languages is None or code in languages]
    if str(root) == "sample":
        from polyner.corpora.sample import sample_corpus

        return {code: sample_corpus(code) for code in wanted}
    return {code: _read_corpus(folder, code, normalise) for code, folder in corpus_folders(root, languages).items()}


def corpus_folders(root: str | Path, languages: Sequence[str] | None = None) -> dict[str, Path]:
    """The folders below `root` that are named by a language of Table 2 (and among `languages`), in its order.

    Raises CorpusError where there is none.
    """
    root = Path(root)
    if not root.is_dir():
        raise CorpusError(f"{root}: no such folder (corpora are read from FOLDER/LANGUAGE/train.conll and so on)")
    wanted = [code for code in LANGUAGES if languages is None or code in languages]
    folders = {code: root / code for code in wanted if (root / code).is_dir()}
    if not folders:
        what = "of these languages" if languages else "named by an ISO 639-3 code of Table 2"
        raise CorpusError(f"{root}: no folder {what} ({', '.join(wanted)})")
    return folders


def is_sample(root: str | Path) -> bool:
    """Whether these are the built-in sample corpora, or a folder that they were written to."""
    return str(root) == "sample" or (Path(root) / SAMPLE_MARK).is_file()


def mark_sample(root: str | Path) -> None:
    """Leave word in a folder that its corpora are generated, so that no page takes them for real ones."""
    text = "These corpora are polyner's built-in sample: generated sentences, never evidence for a claim.\n"
    write_whole(Path(root) / SAMPLE_MARK, text)


def write_corpus(root: str | Path, corpus: Corpus) -> None:
    """Write a corpus below `root` in the layout that `read_corpora` reads."""
    for split in SPLITS:
        write_conll(Path(root) / corpus.language / f"{split}.conll", corpus[split])


def corpus_files(folder: Path) -> dict[str, Path]:
    """The files of the splits that a language's folder has."""
    files = {split: folder / f"{split}.conll" for split in SPLITS}
    return {split: path for split, path in files.items() if path.is_file()}


def _read_corpus(folder: Path, language: str, normalise: bool) -> Corpus:
    paths = corpus_files(folder)
    missing = [f"{split}.conll" for split in SPLITS if split not in paths]
    if missing:
        raise CorpusError(f"{folder}: {' and '.join(missing)} missing")
    files = {split: read_conll(path, normalise=normalise) for split, path in paths.items()}
    return Corpus(
        language=language,
        **{split: file.sentences for split, file in files.items()},
        source="sample" if is_sample(folder.parent) else str(folder.parent),
        repairs={split: file.repairs for split, file in files.items()},
    )
