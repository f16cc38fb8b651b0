"""Which scripts a word is written in, which ones a language is, and signs that a text was decoded wrongly."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from polyner.corpora.languages import is_language, language

# Scripts by the first word of Unicode's names of their letters, where that is not the first word of their own names in
# CLDR or in Table 2.
_NAMES = {
    "Bangla": {"BENGALI"},
    "Chinese": {"CJK", "BOPOMOFO"},
    "Fraktur Latin": {"LATIN"},
    "Fraser": {"LISU"},
    "Gaelic Latin": {"LATIN"},
    "Ge'ez": {"ETHIOPIC"},
    "Han": {"CJK"},
    "Japanese": {"CJK", "HIRAGANA", "KATAKANA"},
    "Korean": {"HANGUL", "CJK"},
    "Lanna": {"TAI"},
    "Mandaean": {"MANDAIC"},
    "Meitei Mayek": {"MEETEI"},
    "N’Ko": {"NKO"},
    "Nüshu": {"NUSHU"},
    "Odia": {"ORIYA"},
    "Orkhon": {"OLD"},
    "Pollard Phonetic": {"MIAO"},
    "Sumero-Akkadian Cuneiform": {"CUNEIFORM"},
    "Unified Canadian Aboriginal Syllabics": {"CANADIAN"},
}
_OTHER_ORTHOGRAPHIES = {"uzb": {"CYRILLIC"}}
# Of no script: what stands in letters' places in every language, such as º in 1º or ʼ in oʼzbek.
_COMMON = {"MODIFIER", "FEMININE", "MASCULINE", "MICRO", "FULLWIDTH", "HALFWIDTH", "IDEOGRAPHIC"}
# Within a word these stand beside letters of other scripts.
_MIXED = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL"}
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LETTERS = re.compile(r"[^\W\d_]+")


def expected_scripts(code: str) -> set[str] | None:
    """The scripts that a language's text may be in, Latin always among them; None for what is no language's code."""
    if not is_language(code):
        return None
    script = language(code).script
    return {"LATIN", *(_NAMES.get(script) or {script.split()[0].upper()}), *_OTHER_ORTHOGRAPHIES.get(code, ())}


@lru_cache(maxsize=1 << 16)
def scripts_of(word: str) -> frozenset[str]:
    """The scripts of a word's letters, such as `LATIN`, `CYRILLIC`, `CJK`; punctuation and digits have none."""
    return frozenset(script for letter in set(word) if (script := _script(letter)))


def decoded_wrongly(word: str) -> bool:
    """Whether a word looks like text in another encoding than the one it was read in.

    Signs of that are U+FFFD, control characters of the second block (U+0080 to U+009F) and private characters; letters
    of two scripts in one run of letters (`Mьnchen`); and a word that is UTF-8 once its characters are taken for bytes
    (`MÃ¼nchen`).
    """
    if word.isascii():
        return False
    if any(c == "\ufffd" or "\x80" <= c <= "\x9f" or unicodedata.category(c) == "Co" for c in word):
        return True
    if any(len(scripts_of(run) - _MIXED) > 1 for run in _LETTERS.findall(word)):
        return True
    return any(_saved_as(word, encoding) for encoding in ("latin-1", "cp1252")) or _saved_as(word, "cp1251") > 1


def is_lone_mark(word: str) -> bool:
    """Whether a word consists of combining marks alone, which belong to a letter that is not there."""
    return all(unicodedata.category(c)[0] == "M" for c in word)


def is_turned(word: str) -> bool:
    """Whether a word has embeddings, overrides or isolates of a direction; the marks of Arabic and Hebrew are none."""
    return bool(_DIRECTIONS.search(word))


def _saved_as(word: str, encoding: str) -> int:
    """How many characters fewer the word has where its bytes in `encoding` are read as UTF-8; 0 if they are none."""
    try:
        return len(word) - len(word.encode(encoding).decode("utf-8"))
    except UnicodeError:
        return 0


@lru_cache(maxsize=1 << 16)
def _script(letter: str) -> str:
    if unicodedata.category(letter)[0] != "L":
        return ""
    first = unicodedata.name(letter, "").split(" ")[0].split("-")[0]
    return "" if first in _COMMON else first
