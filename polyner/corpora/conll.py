"""Reading and writing CoNLL column files: one word a line, its tag in a column, a blank line between sentences."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from polyner.corpora.columns import BOUNDARIES, DIRT, Columns
from polyner.corpora.sentence import Sentence
from polyner.disk import write_whole
from polyner.errors import CorpusError


@dataclass(frozen=True)
class ConllFile:
    """What a file holds: its sentences in IOB2, what had to be mended, and the scheme it was written in.

    `scheme` is one of `IOB1`, `IOB2`, `BIOES`. Turning IOB1 or BIOES into IOB2 is no repair; a repair is an `I-` tag
    that continues nothing in a file that is not IOB1, and becomes a `B-`. `cleaned` is that of `Columns`.
    """

    sentences: tuple[Sentence, ...]
    repairs: int
    scheme: str
    cleaned: int = 0


def read_conll(path: str | Path, **options: Any) -> ConllFile:
    """What `parse_conll` makes of a file. Raises CorpusError for one that cannot be read, too."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror or error}") from None
    return parse_conll(data, str(path), **options)


def parse_conll(
    data: bytes, path: str, *, names: Sequence[str] = (), normalise: bool = True, encoding: str = "utf-8"
) -> ConllFile:
    """A file of tab- or blank-separated columns, with or without a byte-order mark, any line ends.

    The words are those of the column that a line `# global.columns = …` (or `names`, where there is none) names FORM,
    else of the first, and the tags those of the one named NER, else of the last. `-DOCSTART-` lines and comments
    (`# text = …`) are left out. With `normalise`, words are brought to Unicode's composed form NFC.
    Raises CorpusError, with file (`path`) and line, for anything that is no such file, and for words that are only
    numbered.
    """
    columns = Columns(path, io.BytesIO(data), encoding, names)
    sentences: list[Sentence] = []
    written: list[list[str]] = []
    repairs = 0
    for words, rows in columns.with_words():
        written.append(columns.tags(rows, -1 if columns.tag_column is None else columns.tag_column))
        iob2, repaired = to_iob2(written[-1])
        repairs += repaired
        composed = [unicodedata.normalize("NFC", word) for word in words] if normalise else words
        sentences.append(Sentence(tuple(composed), iob2))
    if not sentences:
        raise CorpusError(f"{path}: the file holds no sentence")
    scheme = _scheme(written, repairs)
    return ConllFile(tuple(sentences), 0 if scheme == "IOB1" else repairs, scheme, columns.cleaned)


def to_iob2(tags: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """The IOB2 form of a sequence in IOB1, IOB2 or BIOES, and how many `I-` tags continued nothing.

    An entity ends at `O`, `B-`, `S-`, a change of type, and after `E-` or `S-`.
    """
    result: list[str] = []
    orphans = 0
    open_type = None
    for tag in tags:
        prefix, _, entity_type = tag.partition("-")
        if prefix == "O":
            result.append("O")
            open_type = None
            continue
        continues = prefix in "IEL" and open_type == entity_type
        orphans += prefix in "IEL" and not continues
        result.append(("I-" if continues else "B-") + entity_type)
        open_type = None if prefix in "ESLU" else entity_type
    return tuple(result), orphans


def clean_word(text: str) -> str:
    """The text as a column can hold it: without control characters, with blanks for tabs and ends of lines inside."""
    return DIRT.sub("", re.sub(r"[\t\r\n\0]+", " ", text)).strip()


def composed_word(text: str) -> str:
    """The word in Unicode's composed form NFC, without what no column can hold."""
    return unicodedata.normalize("NFC", clean_word(text))


def write_conll(path: str | Path, sentences: Iterable[Sentence]) -> None:
    """Write sentences as word, tab, IOB2 tag, the whole file or none.

    Raises CorpusError for a word that no column can hold, of which reading would leave nothing or that would end a
    sentence, and where the file cannot be written.
    """
    lines = []
    for sentence in sentences:
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            if clean_word(word) in ("", *BOUNDARIES) or re.search(r"[\t\r\n\0]", word):
                raise CorpusError(f"{path}: the word {word!r:.60} cannot be written in a column")
            lines.append(f"{word}\t{tag}\n")
        lines.append("\n")
    write_text(Path(path), "".join(lines))


def write_text(path: Path, text: str) -> None:
    """Write a text file that is never half there. Raises CorpusError."""
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise CorpusError(f"{path}: cannot be written: {error.strerror or error}") from None


def _scheme(sequences: Sequence[Sequence[str]], orphans: int) -> str:
    """IOB1 marks an entity's start with `B-` only where it touches one of its own type; other starts are `I-`."""
    if any(tag[0] in "ESLU" for tags in sequences for tag in tags):
        return "BIOES"
    pairs = (pair for tags in sequences for pair in pairwise(["O", *tags]))
    needless = any(tag[0] == "B" and (before == "O" or before[2:] != tag[2:]) for before, tag in pairs)
    return "IOB1" if orphans and not needless else "IOB2"
