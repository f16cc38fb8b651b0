"""Reading and writing CoNLL column files: one word a line, its tag in a column, a blank line between sentences."""

from __future__ import annotations

import contextlib
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from polyner.corpora.sentence import Sentence
from polyner.errors import CorpusError

_TAG = re.compile(r"O|[BIESLU]-\S+")
_COMMENT = re.compile(r"#\s*(\S+\s+=(\s|$)|(newdoc|newpar)(\s|$))")
_TO_IOB = {"B": "B", "I": "I", "E": "I", "L": "I", "S": "B", "U": "B"}
# The control characters of ASCII but tab and line feed, and byte-order marks.
_DIRT = re.compile("[\x01-\x08\x0b-\x1f\x7f\ufeff]")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class ConllFile:
    """What a file holds: its sentences in IOB2, what had to be mended, and the scheme it was written in.

    `scheme` is one of `IOB1`, `IOB2`, `BIOES`. Turning IOB1 or BIOES into IOB2 is no repair; a repair is an `I-` tag
    that continues nothing in a file that is not IOB1, and becomes a `B-`. `cleaned` counts the lines that lost control
    characters, a byte-order mark inside the file, or blanks around the word.
    """

    sentences: tuple[Sentence, ...]
    repairs: int
    scheme: str
    cleaned: int = 0


def read_conll(
    path: str | Path,
    *,
    word_column: int = 0,
    tag_column: int | str = -1,
    normalise: bool = True,
    encoding: str = "utf-8",
) -> ConllFile:
    """Read a file of tab- or blank-separated columns, with or without a byte-order mark, any line ends.

    `tag_column` is an index, or a name out of the file's `# global.columns = …` line. `-DOCSTART-` lines and comments
    (`# text = …`) are left out. With `normalise`, words are brought to Unicode's composed form NFC.
    Raises CorpusError, with file and line, for anything that is no such file.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror or error}") from None
    options = {"word_column": word_column, "tag_column": tag_column, "normalise": normalise, "encoding": encoding}
    return parse_conll(data, str(path), **options)


def parse_conll(
    data: bytes,
    path: str,
    *,
    word_column: int = 0,
    tag_column: int | str = -1,
    normalise: bool = True,
    encoding: str = "utf-8",
) -> ConllFile:
    """What `read_conll` makes of a file's content; `path` is its name in errors."""
    lines, cleaned = _lines(path, data, encoding)
    raw: list[tuple[list[str], list[str]]] = [([], [])]
    for number, fields in _rows(path, lines):
        if not fields:
            if raw[-1][0]:
                raw.append(([], []))
            continue
        column = _named_column(path, lines, number, tag_column) if isinstance(tag_column, str) else tag_column
        word, tag = _word_and_tag(path, number, fields, word_column, column)
        bare = word.strip(" ")
        cleaned += bare != word
        raw[-1][0].append(unicodedata.normalize("NFC", bare) if normalise else bare)
        raw[-1][1].append(tag)
    raw = [sentence for sentence in raw if sentence[0]]
    if not raw:
        raise CorpusError(f"{path}: the file holds no sentence")
    scheme = _scheme([tags for _, tags in raw])
    sentences, repairs = [], 0
    for words, tags in raw:
        iob2, repaired = to_iob2(tags)
        repairs += repaired
        sentences.append(Sentence(tuple(words), iob2))
    return ConllFile(tuple(sentences), 0 if scheme == "IOB1" else repairs, scheme, cleaned)


def _rows(path: str, lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The number and columns of each line that holds a word, and an empty list for a blank line."""
    columns = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            yield number, []
            continue
        if line.startswith("#") and is_comment(line):
            continue
        fields = line.rstrip("\t ").split("\t") if "\t" in line else re.split(" +", line.strip(" "))
        if fields[0] == "-DOCSTART-":
            continue
        if len(fields) < 2:
            raise CorpusError(f"{path}:{number}: one column where a word and a tag were expected: {line.strip()!r:.60}")
        columns = columns or len(fields)
        if len(fields) != columns:
            raise CorpusError(f"{path}:{number}: {len(fields)} columns where the lines before have {columns}")
        yield number, fields


def _word_and_tag(path: str, number: int, fields: Sequence[str], word_column: int, tag_column: int) -> tuple[str, str]:
    try:
        word, tag = fields[word_column], fields[tag_column]
    except IndexError:
        wanted = max(word_column, tag_column)
        raise CorpusError(f"{path}:{number}: {len(fields)} columns, but column {wanted} was asked for") from None
    if not word.strip():
        raise CorpusError(f"{path}:{number}: the word is empty")
    if not _TAG.fullmatch(tag):
        raise CorpusError(f"{path}:{number}: {tag!r:.60} is no tag of IOB1, IOB2 or BIOES")
    return word, tag


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
        continues = _TO_IOB[prefix] == "I" and open_type == entity_type
        orphans += _TO_IOB[prefix] == "I" and not continues
        result.append(("I-" if continues else "B-") + entity_type)
        open_type = None if prefix in "ESLU" else entity_type
    return tuple(result), orphans


def clean_word(text: str) -> str:
    """The text as a column can hold it: without control characters, with single blanks for any white space inside."""
    return " ".join(_DIRT.sub("", re.sub(r"[\t\r\n\0]+", " ", text)).split(" ")).strip()


def is_tag(text: str) -> bool:
    """Whether this is a tag of IOB1, IOB2 or BIOES."""
    return bool(_TAG.fullmatch(text))


def write_conll(path: str | Path, sentences: Iterable[Sentence]) -> None:
    """Write sentences as word, tab, IOB2 tag, the whole file or none.

    Raises CorpusError for a word that no column can hold or of which reading would leave nothing, and where the file
    cannot be written.
    """
    lines = []
    for sentence in sentences:
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            if not clean_word(word) or re.search(r"[\t\r\n\0]", word):
                raise CorpusError(f"{path}: the word {word!r:.60} cannot be written in a column")
            lines.append(f"{word}\t{tag}\n")
        lines.append("\n")
    write_whole(Path(path), "".join(lines))


def write_whole(path: Path, text: str) -> None:
    """Write a text file beside its name and rename it, so that it is never half there. Raises CorpusError."""
    writing = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writing.write_text(text, encoding="utf-8", newline="\n")
        writing.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            writing.unlink(missing_ok=True)
        raise CorpusError(f"{path}: cannot be written: {error.strerror or error}") from None


def _lines(path: str, data: bytes, encoding: str) -> tuple[list[str], int]:
    """The file's lines without control characters, and how many lines had some.

    They are split at line feeds only: words may hold Unicode's other line separators.
    """
    if data.startswith(_UTF_16):
        raise CorpusError(f"{path}: UTF-16, not UTF-8: convert it first (iconv -f UTF-16 -t UTF-8)")
    if (place := data.find(b"\0")) >= 0:
        line = data.count(b"\n", 0, place) + 1
        raise CorpusError(f"{path}:{line}: a NUL byte: this is no text, or not in UTF-8")
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CorpusError(f"{path}:{line}: not {encoding.upper()} (byte 0x{data[error.start]:02x})") from None
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    clean = [_DIRT.sub("", line) for line in lines]
    return clean, sum(before != after for before, after in zip(lines, clean, strict=True))


def is_comment(line: str) -> bool:
    """Whether a line that starts with `#` is a comment and not the word `#`, whose line ends with a tag."""
    if "\t" in line:
        return False
    return bool(_COMMENT.match(line)) or not _TAG.fullmatch(line.split(" ")[-1])


def _named_column(path: str, lines: Sequence[str], number: int, name: str) -> int:
    for line in islice(lines, number - 1):
        if (match := re.match(r"#\s*global\.columns\s*=\s*(.*)", line)) and name in match[1].split():
            return match[1].split().index(name)
    raise CorpusError(f"{path}:{number}: no column is named {name!r} (no '# global.columns' line has it)")


def _scheme(sequences: Sequence[Sequence[str]]) -> str:
    """IOB1 marks an entity's start with `B-` only where it touches one of its own type; then some `I-` start one."""
    orphans = needless = 0
    for tags in sequences:
        if any(tag[0] in "ESLU" for tag in tags):
            return "BIOES"
        for before, tag in zip(["O", *tags], tags, strict=False):
            touches = before != "O" and before[2:] == tag[2:]
            orphans += tag[0] == "I" and not touches
            needless += tag[0] == "B" and not touches
    return "IOB1" if orphans and not needless else "IOB2"
