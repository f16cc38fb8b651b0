"""Corpora by name or folder: `<root>/<iso 639-3>/{train,dev,test}.conll`, or the built-in sample."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import yaml

from polyner.corpora.conll import read_conll, write_conll, write_text
from polyner.corpora.languages import in_order, is_language, language, language_code, table2
from polyner.corpora.sentence import SPLITS, Corpus
from polyner.errors import CorpusError

SAMPLE_MARK = "GENERATED.txt"
FACTS = "languages.yml"


def read_corpora(root: str | Path, languages: Sequence[str] | None = None) -> dict[str, Corpus]:
    """The corpora below `root`, by language, as `in_order` has them; the generated ones where `root` is the text
    "sample" (a Path is always a folder).

    `languages` None means all that are there; those of `languages` that are not there are simply absent from the
    answer. Raises CorpusError for what is no language, a folder without any corpus, a split that is missing, or a
    malformed file.
    """
    for code in languages or ():
        language(code)
    if root == "sample":
        from polyner.corpora.sample import sample_corpus

        return {code: sample_corpus(code) for code in table2() if languages is None or code in languages}
    return {code: _read_corpus(folder, code) for code, folder in corpus_folders(root, languages).items()}


def corpus_folders(root: str | Path, languages: Sequence[str] | None = None) -> dict[str, Path]:
    """The folders below `root` that are named by a language's code (and among `languages`), as `in_order` has them.

    Raises CorpusError where there is none.
    """
    root = Path(root)
    if not root.is_dir():
        raise CorpusError(f"{root}: no such folder (corpora are read from FOLDER/LANGUAGE/train.conll and so on)")
    # A folder such as `hub` is a language's code too.
    there = {path.name: path for path in root.iterdir() if is_language(path.name) and corpus_files(path)}
    found = {code: there[code] for code in in_order(there) if languages is None or code in languages}
    if not found:
        what = f"named {' or '.join(languages)}" if languages else "named by an ISO 639-3 code, such as eng"
        other = [f"; is {name!r} {code!r}?" for name, code in misnamed(root)[:1]]
        has = f"; it has {', '.join(in_order(there))}" if there else "".join(other)
        raise CorpusError(f"{root}: no folder {what}{has}")
    return found


def corpora_facts(root: str | Path) -> dict[str, dict[str, str]]:
    """What a folder of corpora says of its languages in `languages.yml`: by code family, genus, script.

    Raises CorpusError where the file is not of that form.
    """
    path = Path(root) / FACTS
    if root == "sample" or not path.is_file():
        return {}
    with contextlib.suppress(yaml.YAMLError, UnicodeDecodeError, AttributeError, TypeError):
        facts = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        known = {"family", "genus", "script"}
        if all(is_language(code) and set(own) <= known and all(map(str, own.values())) for code, own in facts.items()):
            return facts
    raise CorpusError(f"{path}: for each language's code, its family, genus or script: {{cat: {{genus: Romance}}}}")


def misnamed(root: str | Path) -> list[tuple[str, str]]:
    """Folders with corpora below `root` that are named otherwise than by a language's code, with that code."""
    found = []
    for path in [] if root == "sample" else sorted(Path(root).iterdir()):
        if not is_language(path.name) and corpus_files(path):
            with contextlib.suppress(CorpusError):
                found.append((path.name, language_code(path.name)))
    return found


def is_sample(root: str | Path) -> bool:
    """Whether these are the built-in sample corpora ("sample", no Path), or a folder that they were written to."""
    return root == "sample" or (Path(root) / SAMPLE_MARK).is_file()


def mark_sample(root: str | Path) -> None:
    """Leave word in a folder that its corpora are generated, so that no page takes them for real ones."""
    text = "These corpora are polyner's built-in sample: generated sentences, never evidence for a claim.\n"
    write_text(Path(root) / SAMPLE_MARK, text)


def write_corpus(root: str | Path, corpus: Corpus) -> None:
    """Write a corpus below `root` in the layout that `read_corpora` reads."""
    for split in SPLITS:
        write_conll(Path(root) / corpus.language / f"{split}.conll", corpus[split])


def corpus_files(folder: Path) -> dict[str, Path]:
    """The files of the splits that a language's folder has."""
    files = {split: folder / f"{split}.conll" for split in SPLITS}
    return {split: path for split, path in files.items() if path.is_file()}


def _read_corpus(folder: Path, language: str) -> Corpus:
    paths = corpus_files(folder)
    if missing := [f"{split}.conll" for split in SPLITS if split not in paths]:
        raise CorpusError(f"{folder}: {' and '.join(missing)} missing")
    files = {split: read_conll(path) for split, path in paths.items()}
    return Corpus(
        language=language,
        **{split: file.sentences for split, file in files.items()},
        source="sample" if is_sample(folder.parent) else str(folder.parent),
        repairs={split: file.repairs for split, file in files.items()},
    )
