"""From bytes to sentences of columns: lines, columns, comments and ends of sentences, the same for every reader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from polyner.errors import CorpusError

# The control characters of ASCII but tab and line feed, and byte-order marks.
DIRT = re.compile("[\x01-\x08\x0b-\x1f\x7f\ufeff]")
Row = tuple[int, list[str]]
"""A line's number and its columns."""

_TAG = re.compile(r"O|[BIESLU]-\S+")
_COMMENT = re.compile(r"#\s*(\S+\s+=(\s|$)|(newdoc|newpar)(\s|$))")
_SOURCE = re.compile(r"#\t[^\t]*( |://)[^\t]*")  # GermEval's comments: where a sentence comes from
_NAMES = re.compile(r"#\s*global\.columns\s*=\s*(.*)")
BOUNDARIES = ("-DOCSTART-", "-X-")  # a document's start, and what ends a sentence for the script conlleval
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_ENOUGH, _PLENTY = 3, 100  # words: fewer numbers may be words in a whole file, or at its start


class Columns:
    """The sentences of a file of columns as they come, each a list of rows, all with the same number of columns.

    Columns stand between tabs, or between blanks where no tab is inside the line. A sentence ends at a blank line,
    `-DOCSTART-` and `-X-`; comments are left out. `cleaned` counts the lines so far that lost control characters, a
    byte-order mark inside the file, or blanks around a column. `names` are those that are given, until a line
    `# global.columns = …` has others.
    Iterating raises CorpusError, with the line, as `lines` does, and for ragged columns.
    """

    def __init__(self, name: str, stream: Iterable[bytes], encoding: str = "utf-8", names: Sequence[str] = ()):
        self.name, self.cleaned, self.names = name, 0, list(names)
        self._known: set[str] = set()  # tags that were checked
        self._lines = lines(name, stream, encoding)

    def __iter__(self) -> Iterator[list[Row]]:
        sentence: list[Row] = []
        width = 0
        single, ahead = self._look_ahead()
        for number, raw in chain(ahead, self._lines):
            line = DIRT.sub("", raw)
            fields, padded = _fields(line)
            self.cleaned += padded or line != raw
            if line.startswith("#") and (_is_comment(line) if len(fields) > 1 else not single):
                if names := _NAMES.match(line):
                    self.names = names[1].split()
            elif not line.strip() or fields[0] in BOUNDARIES:
                if sentence:
                    yield sentence
                sentence = []
            else:
                width = width or len(fields)
                if len(fields) != width:
                    said = f"{len(fields)} column{'s' * (len(fields) > 1)} where the lines before have {width}"
                    raise CorpusError(f"{self.name}:{number}: {said}")
                sentence.append((number, fields))
        if sentence:
            yield sentence

    def with_words(self) -> Iterator[tuple[list[str], list[Row]]]:
        """The sentences with their words: those of the column named FORM, else of the first.

        Raises CorpusError for an empty word and where the first column numbers the words of the file, or of its start.
        """
        counting, counted = True, 0
        for rows in self:
            named = "FORM" in self.names
            words = self.values(rows, self.names.index("FORM") if named else 0)
            for word, (number, _) in zip(words, rows, strict=True):
                if not word.strip():
                    raise CorpusError(f"{self.name}:{number}: the word is empty")
            counting = counting and not named and len(rows[0][1]) > 1 and _are_counted(words)
            counted += len(words)
            if counting and counted >= _PLENTY:
                raise self._numbered(*rows[:3])
            yield words, rows
        if counting and counted >= _ENOUGH:
            raise self._numbered(*rows[:3])

    def values(self, rows: Sequence[Row], column: int) -> list[str]:
        """What a sentence has in a column. Raises CorpusError, with the line, where there is no such column."""
        number, fields = rows[0]
        if column >= len(fields):
            raise CorpusError(f"{self.name}:{number}: {len(fields)} columns, but column {column} was asked for")
        return [fields[column] for _, fields in rows]

    def tags(self, rows: Sequence[Row], column: int) -> list[str]:
        """The tags that a sentence has in a column beside others. Raises CorpusError, with the line, as `check_tag`."""
        number, fields = rows[0]
        if len(fields) < 2:
            raise CorpusError(f"{self.name}:{number}: one column where two or more were expected: {fields[0]!r:.60}")
        tags = self.values(rows, column)
        for tag, (number, _) in zip(tags, rows, strict=True):
            if tag not in self._known:
                check_tag(f"{self.name}:{number}", tag)
                self._known.add(tag)
        return tags

    def _numbered(self, *rows: Row) -> CorpusError:
        names = " ".join(("ID", "FORM", *["_"] * (len(rows[0][1]) - 3), "NER")[: len(rows[0][1])])
        counts = ", ".join(fields[0] for _, fields in rows)
        said = f"the first column counts ({counts}) in every sentence and holds no words"
        hint = f"name the columns in a first line such as '# global.columns = {names}'"
        return CorpusError(f"{self.name}: {said}: {hint}")

    @property
    def tag_column(self) -> int | None:
        """The column that is named NER (or CONLL:NER or the like); None where none is."""
        return next((i for i, name in enumerate(self.names) if name.rpartition(":")[2] == "NER"), None)

    def _look_ahead(self) -> tuple[bool, list[tuple[int, str]]]:
        """Whether lines are words alone, so that `#tag` is one, and the lines that had to be read to know it."""
        ahead: list[tuple[int, str]] = []
        for number, line in self._lines:
            ahead.append((number, line))
            fields, _ = _fields(DIRT.sub("", line))
            if fields[0].strip() and not fields[0].startswith("#") and fields[0] not in BOUNDARIES:
                return len(fields) == 1, ahead
        return True, ahead


def lines(name: str, stream: Iterable[bytes], encoding: str = "utf-8") -> Iterator[tuple[int, str]]:
    """The lines of a text with their numbers, without line ends and a byte-order mark at the start, as they come.

    They end at line feeds, because words may hold Unicode's other line separators; and at carriage returns in a file
    whose first line would hold some. Raises CorpusError, with the line, for what is not in the encoding, and for NUL.
    """
    number, returns = 0, False
    for data in stream:
        data = data.rstrip(b"\r\n")
        if not number:
            if data.startswith(_UTF_16):
                raise CorpusError(f"{name}: UTF-16, not UTF-8: convert it first (iconv -f UTF-16 -t UTF-8)")
            data = data.removeprefix(b"\xef\xbb\xbf")
            returns = b"\r" in data
        for line in data.split(b"\r") if returns else (data,):
            number += 1
            if b"\0" in line:
                raise CorpusError(f"{name}:{number}: a NUL byte: this is no text, or not in UTF-8")
            try:
                yield number, line.decode(encoding)
            except UnicodeDecodeError as error:
                raise CorpusError(f"{name}:{number}: not {encoding.upper()} (byte 0x{line[error.start]:02x})") from None


def check_tag(where: str, tag: str) -> None:
    """Raise CorpusError for what is no tag of IOB1, IOB2, BIOES or BILOU."""
    if not _TAG.fullmatch(tag):
        hint = ", where BMES's M- is I-" if tag.startswith("M-") else ""
        raise CorpusError(f"{where}: {tag!r:.60} is no tag of IOB1, IOB2, BIOES or BILOU{hint}")


def _fields(line: str) -> tuple[list[str], bool]:
    """The columns, and whether blanks stood around one that is between tabs."""
    line = line.rstrip("\t ")
    if "\t" not in line:
        return re.split(" +", line.strip(" ")), False
    fields = line.split("\t")
    bare = [field.strip(" ") for field in fields] if " " in line else fields
    return bare, bare != fields


def _is_comment(line: str) -> bool:
    """Whether a line of several columns that starts with `#` is a comment and no word, whose line ends with a tag."""
    line = line.rstrip("\t ")
    if "\t" in line:
        return bool(_SOURCE.fullmatch(line))
    return bool(_COMMENT.match(line)) or not _TAG.fullmatch(line.split(" ")[-1])


def _are_counted(words: Sequence[str]) -> bool:
    """Whether these are 1, 2, 3 and so on, from any number, among the ranges (2-3) and decimals of CoNLL-U."""
    numbers = [word for word in words if not re.fullmatch(r"\d+[-.]\d+", word)]
    if not all(re.fullmatch(r"[0-9]{1,9}", number) for number in numbers):
        return False
    return bool(numbers) and [int(n) - int(numbers[0]) for n in numbers] == list(range(len(numbers)))
