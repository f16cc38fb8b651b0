"""Reading LTF (text in segments and tokens) and LAF (annotations): XML, without ever following what it refers to.

Offsets are code points of the raw text from 0, and ends are inclusive; both formats have had several versions, which
are read alike.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from polyner.corpora.columns import BOUNDARIES
from polyner.corpora.conll import composed_word
from polyner.errors import CorpusError

_TOKEN = re.compile(r"token-(\d{1,12})-(\d{1,12})$")
_BEHIND = 1_000_000  # characters that the raw text may be longer than the file


def _counted(what: str) -> Any:
    return field(default=0, metadata={"what": what})


@dataclass
class Report:
    """What was kept of one language's packages, and what was not; `kept` and `other_types` are mentions by type."""

    documents: int = _counted("documents kept")
    repeated: int = _counted("further annotations of the same documents, left out")
    tweets: int = _counted("tweets without text, skipped")
    no_text: int = _counted("other documents without text, skipped")
    not_intact: int = _counted("documents whose text has another MD5")
    other_tasks: int = _counted("annotations of other tasks, left out")
    unlocated: int = _counted("names without type or place, left out")
    overlapping: int = _counted("overlapping mentions, left out")
    across_segments: int = _counted("mentions across segments, cut to the one with most of them")
    no_token: int = _counted("mentions of no token, left out")
    snapped: int = _counted("mentions that began or ended inside a token, widened")
    empty_tokens: int = _counted("empty tokens, left out")
    empty_segments: int = _counted("empty segments, left out")
    kept: Counter[str] = field(default_factory=Counter)
    other_types: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, int | dict[str, int]]:
        """The counts as plain values that JSON can hold."""
        return {key: dict(sorted(v.items())) if isinstance(v, Counter) else v for key, v in vars(self).items()}

    def rows(self) -> list[tuple[str, int]]:
        """What was counted, in words, and the numbers."""
        rows = [(each.metadata["what"], getattr(self, each.name)) for each in fields(self) if each.metadata]
        rows += [(f"{kind} kept", count) for kind, count in sorted(self.kept.items())]
        return rows + [(f"{kind}, not wanted", count) for kind, count in sorted(self.other_types.items())]


class Token(NamedTuple):
    """A token of the text: `start` and `end` (inclusive) are offsets; `key` is its numbers of segment and token."""

    text: str
    start: int
    end: int
    key: tuple[int, int] | None


class Mention(NamedTuple):
    """A name: its type, and where it is (`start` and `end`, inclusive)."""

    type: str
    start: int
    end: int


Segments = Sequence[Sequence[Token]]
"""A text: tokens in segments."""


def read_ltf(data: bytes, name: str, report: Report) -> Segments:
    """The text in an LTF file, its tokens cleaned and in NFC; those of which nothing is left are counted as empty.

    Raises CorpusError for what is no such file.
    """
    document = _document(data, name, "LCTL_TEXT")
    segments = []
    for segment in document.iter("SEG"):
        tokens = []
        for element in segment.iter("TOKEN"):
            if (text := " ".join(composed_word(element.text or "").split())) not in ("", *BOUNDARIES):
                start, end = _offset(element, "start_char", name), _offset(element, "end_char", name)
                tokens.append(Token(text, start, end, _key(element.get("id"))))
            else:
                report.empty_tokens += 1
        segments.append(tuple(tokens))
    report.not_intact += not _intact(document, name, len(data))
    return segments


def read_laf(data: bytes, name: str, text: Segments, report: Report) -> list[Mention]:
    """The simple named entities in a LAF file about `text`; others are counted. Raises CorpusError for what is none.

    A type stands in the attribute `type` or the child `TAG`; a place is characters (on `EXTENT`) or tokens (on
    `ANNOTATION`), whose ids may begin with the name of another document.
    """
    tokens = {token.key: token for segment in text for token in segment if token.key is not None}
    mentions = []
    for element in _document(data, name, "LCTL_ANNOTATIONS").iter("ANNOTATION"):
        if element.get("task", "NE") != "NE":
            report.other_tasks += 1
            continue
        kind = element.get("type") or element.findtext("TAG") or element.findtext("tag") or ""
        if (place := _place(element, tokens, name)) is None or not kind.strip():
            report.unlocated += 1
        else:
            mentions.append(Mention(kind.strip(), *place))
    return mentions


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
    if (extent := element.find("EXTENT")) is None or extent.get("start_char") is None:
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
    """Whether the raw text has the stated MD5; true where none is stated.

    The raw text has each segment at its place, and is filled up with line feeds. size: of the file in bytes. Raises
    CorpusError for a segment that starts more than a million characters behind that: a small file cannot ask for much
    memory.
    """
    about = next(document.iter("DOC"))
    if not (md5 := about.get("raw_text_md5")):
        return True
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
    stated = about.get("raw_text_char_length", "")
    if stated.isdecimal() and len(stated) <= 12 and length < int(stated) <= furthest:
        parts.append("\n" * (int(stated) - length))
    return hashlib.md5("".join(parts).encode(errors="replace"), usedforsecurity=False).hexdigest() == md5.lower()
