"""Reading LTF (text in segments and tokens) and LAF (annotations): XML, without ever following what it refers to.

Offsets are code points of the raw text from 0, and ends are inclusive; both formats have had several versions, which
are read alike.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from polyner.corpora.conll import clean_word
from polyner.errors import CorpusError

_TOKEN = re.compile(r"token-(\d{1,12})-(\d{1,12})$")
_BEHIND = 1_000_000  # characters that the raw text may be longer than the file


@dataclass(frozen=True)
class Token:
    """A token of the text: `start` and `end` (inclusive) are offsets; `key` is its numbers of segment and token."""

    text: str
    start: int
    end: int
    key: tuple[int, int] | None


@dataclass(frozen=True)
class Document:
    """A text: segments of tokens, how many tokens were empty or only control characters, and whether it has its stated
    checksum."""

    stem: str
    segments: tuple[tuple[Token, ...], ...]
    empty_tokens: int
    intact: bool


@dataclass(frozen=True)
class Mention:
    """A name: its type, and where it is (`start` and `end`, inclusive)."""

    type: str
    start: int
    end: int


@dataclass(frozen=True)
class Annotations:
    """The names of a document; of other tasks, and names that could not be located, only the numbers."""

    mentions: tuple[Mention, ...]
    other_tasks: int
    unlocated: int


def read_ltf(data: bytes, name: str) -> Document:
    """The text in an LTF file, its tokens cleaned and in NFC; those of which nothing is left are counted as empty.

    Raises CorpusError for what is no such file.
    """
    document = _document(data, name, "LCTL_TEXT")
    segments, empty = [], 0
    for segment in document.iter("SEG"):
        tokens = []
        for element in segment.iter("TOKEN"):
            text = unicodedata.normalize("NFC", " ".join(clean_word(element.text or "").split()))
            if text:
                start, end = _offset(element, "start_char", name), _offset(element, "end_char", name)
                tokens.append(Token(text, start, end, _key(element.get("id"))))
            else:
                empty += 1
        segments.append(tuple(tokens))
    return Document(stem_of(name), tuple(segments), empty, _intact(document, name, len(data)))


def read_laf(data: bytes, name: str, text: Document) -> Annotations:
    """The simple named entities in a LAF file about `text`. Raises CorpusError for what is none.

    A type stands in the attribute `type` or the child `TAG`; a place is characters (on `EXTENT`) or tokens (on
    `ANNOTATION`), whose ids may begin with the name of another document.
    """
    tokens = {token.key: token for segment in text.segments for token in segment if token.key is not None}
    mentions, other, unlocated = [], 0, 0
    for element in _document(data, name, "LCTL_ANNOTATIONS").iter("ANNOTATION"):
        if element.get("task", "NE") != "NE":
            other += 1
            continue
        kind = element.get("type") or element.findtext("TAG") or element.findtext("tag") or ""
        place = _place(element, tokens, name)
        if place is None or not kind.strip():
            unlocated += 1
        else:
            mentions.append(Mention(kind.strip(), *place))
    return Annotations(tuple(mentions), other, unlocated)


def raw_text(document: Element, name: str, size: int) -> str:
    """The text that the offsets count in: each segment at its place, everything else filled up with line feeds.

    size: of the file in bytes. Raises CorpusError for a segment that starts more than a million characters behind that:
    a small file cannot ask for much memory.
    """
    furthest = size + _BEHIND
    parts: list[str] = []
    length = 0
    for segment in document.iter("SEG"):
        start = _offset(segment, "start_char", name)
        text = segment.findtext("ORIGINAL_TEXT") or ""
        if start > furthest:
            raise CorpusError(f"{name}: a segment starts at {start}, far behind the text in a file of {size:,} bytes")
        parts.append("\n" * (start - length) + text)
        length = max(length, start) + len(text)
    stated = next(document.iter("DOC")).get("raw_text_char_length", "")
    if stated.isdecimal() and len(stated) <= 12 and length < int(stated) <= furthest:
        parts.append("\n" * (int(stated) - length))
    return "".join(parts)


def stem_of(name: str) -> str:
    """A document's name: that of its file, without folders and `.ltf.xml` or `.laf.xml`."""
    return re.sub(r"\.l[ta]f\.xml$", "", name.rsplit("/", 1)[-1])


def _document(data: bytes, name: str, root: str) -> Element:
    try:
        # A DOCTYPE is part of the format; entities and whatever is outside the file are refused.
        element = fromstring(data, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        reason = type(error).__name__ if isinstance(error, DefusedXmlException) else error
        raise CorpusError(f"{name}: no XML that can be read: {reason}") from None
    if element.tag != root or element.find("DOC") is None:
        raise CorpusError(f"{name}: not {root} with a DOC, but {element.tag}")
    return element


def _place(element: Element, tokens: dict[tuple[int, int] | None, Token], name: str) -> tuple[int, int] | None:
    if element.get("start_token"):
        first = tokens.get(_key(element.get("start_token")))
        last = tokens.get(_key(element.get("end_token") or element.get("start_token")))
        return (first.start, last.end) if first and last and first.start <= last.end else None
    extent = element.find("EXTENT")
    if extent is None or extent.get("start_char") is None:
        return None
    start, end = _offset(extent, "start_char", name), _offset(extent, "end_char", name)
    return (start, end) if start <= end else None


def _key(identifier: str | None) -> tuple[int, int] | None:
    match = _TOKEN.search(identifier or "")
    return (int(match[1]), int(match[2])) if match else None


def _offset(element: Element, attribute: str, name: str) -> int:
    value = element.get(attribute, "")
    if not value.isdecimal() or len(value) > 12:
        raise CorpusError(f"{name}: {element.tag} {element.get('id', '')} has no {attribute}, but {value!r:.20}")
    return int(value)


def _intact(document: Element, name: str, size: int) -> bool:
    """Whether the raw text has the stated MD5; true where none is stated."""
    stated = next(document.iter("DOC")).get("raw_text_md5")
    if not stated:
        return True
    digest = hashlib.md5(raw_text(document, name, size).encode(errors="replace"), usedforsecurity=False)
    return digest.hexdigest() == stated.lower()
