"""Reading and writing CoNLL column files: one word a line, its tag in a column, a blank line between sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from polyner.corpora.sentence import Sentence
from polyner.errors import CorpusError

_TAG = re.compile(r"O|[BIESLU]-\S+")
_COMMENT = re.compile(r"#\s*(\S+\s+=(\s|$)|newdoc|newpar)")
_TO_IOB = {"B": "B", "I": "I", "E": "I", "L": "I", "S": "B", "U": "B"}


@dataclass(frozen=True)
class ConllFile:
    """What a file holds: its sentences in IOB2, how many tags had to be repaired, and the scheme it was written in.

    `scheme` is one of `IOB1`, `IOB2`, `BIOES`. Turning IOB1 or BIOES into IOB2 is no repair; a repair is an `I-` tag
    that continues nothing in a file that is not IOB1, and becomes a `B-`.
    """

    sentences: tuple[Sentence, ...]
    repairs: int
    scheme: str


def read_conll(
    path: str | Path, *, word_column: int = 0, tag_column: int | str = -1, normalise: bool = True
) -> ConllFile:
    """Read a file of tab- or blank-separated columns, UTF-8, with or without a byte-order mark, any line ends.

    `tag_column` is an index, or a name out of the file's `# global.columns = …` line. `-DOCSTART-` lines and comments
    (`# text = …`) are left out. With `normalise`, words are brought to Unicode's composed form NFC.
    Raises CorpusError, with file and line, for anything that is no such file.
    """
    path = Path(path)
    words: list[str] = []
    tags: list[str] = []
    raw: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    columns: int | None = None
    for number, line in enumerate([*_lines(path), ""], start=1):
        if not line.strip():
            if words:
                raw.append((tuple(words), tuple(tags)))
                words, tags = [], []
            continue
        if line.startswith("#"):
            if isinstance(tag_column, str) and (named := _named_column(line, tag_column)) is not None:
                tag_column = named
            if is_comment(line):
                continue
        fields = line.rstrip("\t ").split("\t") if "\t" in line else re.split(" +", line.strip(" "))
        if fields[0] == "-DOCSTART-":
            continue
        if isinstance(tag_column, str):
            raise CorpusError(f"{path}:{number}: no column is named {tag_column!r} (no '# global.columns' line has it)")
        if len(fields) < 2:
            raise CorpusError(f"{path}:{number}: one column where a word and a tag were expected: {line.strip()!r:.60}")
        if columns is not None and len(fields) != columns:
            raise CorpusError(f"{path}:{number}: {len(fields)} columns where the lines before have {columns}")
        columns = len(fields)
        try:
            word, tag = fields[word_column], fields[tag_column]
        except IndexError:
            raise CorpusError(
                f"{path}:{number}: {columns} columns, but column {max(word_column, tag_column)} was asked for"
            ) from None
        if not word.strip():
            raise CorpusError(f"{path}:{number}: the word is empty")
        if not _TAG.fullmatch(tag):
            raise CorpusError(f"{path}:{number}: {tag!r:.60} is no tag of IOB1, IOB2 or BIOES")
        words.append(unicodedata.normalize("NFC", word) if normalise else word)
        tags.append(tag)
    if not raw:
        raise CorpusError(f"{path}: the file holds no sentence")
    scheme = _scheme([tags for _, tags in raw])
    sentences, repairs = [], 0
    for sentence_words, sentence_tags in raw:
        iob2, repaired = to_iob2(sentence_tags)
        repairs += repaired
        sentences.append(Sentence(sentence_words, iob2))
    return ConllFile(tuple(sentences), 0 if scheme == "IOB1" else repairs, scheme)


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


def write_conll(path: str | Path, sentences: Iterable[Sentence]) -> None:
    """Write sentences as word, tab, IOB2 tag. Raises CorpusError for a word that no column can hold."""
    lines = []
    for sentence in sentences:
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            if not word.strip() or re.search(r"[\t\r\n]", word):
                raise CorpusError(f"{path}: the word {word!r:.60} cannot be written in a column")
            lines.append(f"{word}\t{tag}\n")
        lines.append("\n")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def _lines(path: Path) -> list[str]:
    """The file's lines, split at line feeds only: words may hold Unicode's other line separators."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror or error}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CorpusError(f"{path}:{line}: not UTF-8 (byte 0x{data[error.start]:02x})") from None
    return [line.removesuffix("\r") for line in text.split("\n")]


def is_comment(line: str) -> bool:
    """Whether a line that starts with `#` is a comment and not the word `#`, whose line ends with a tag."""
    if "\t" in line:
        return False
    return bool(_COMMENT.match(line)) or not _TAG.fullmatch(line.split(" ")[-1])


def _named_column(line: str, name: str) -> int | None:
    match = re.match(r"#\s*global\.columns\s*=\s*(.*)", line)
    names = match[1].split() if match else []
    return names.index(name) if name in names else None


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
