"""Languages by their ISO 639-3 codes: names and scripts from Unicode's CLDR, families from Table 2."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from polyner.errors import CorpusError

# ISO 639-2 has a second code for these languages, which ISO 639-3 does not know.
_BIBLIOGRAPHIC = {"alb", "arm", "baq", "bur", "chi", "cze", "dut", "fre", "geo", "ger", "gre", "ice", "mac", "mao"}
_BIBLIOGRAPHIC |= {"may", "per", "rum", "slo", "tib", "wel"}
# Of the codes that CLDR has for one language, the last is the one that corpora use, but for these.
_USUAL = {"fil": "tgl", "tl": "tgl", "ak": "aka", "gu": "guj"}


@dataclass(frozen=True)
class Language:
    """A language. `family` and `genus` are None where they are not known, or Table 2 prints a dash.

    `group` and `train_sentences` are what Table 2 has of its languages: conll or lorelei for those of a polyglot model,
    heldout for the four of §4.2; the size of the paper's training set.
    """

    code: str
    name: str
    script: str
    family: str | None = None
    genus: str | None = None
    group: str | None = None
    train_sentences: int | None = None


@cache
def table2() -> Mapping[str, Language]:
    """Table 2 by code, in the paper's order."""
    text = files("polyner").joinpath("paper/table2.csv").read_text(encoding="utf-8")
    rows = [
        {key: value or None for key, value in row.items() if key != "note"} for row in csv.DictReader(text.splitlines())
    ]
    return {row["code"]: Language(**{**row, "train_sentences": int(row["train_sentences"])}) for row in rows}


@cache
def language(code: str) -> Language:
    """The language of an ISO 639-3 code. Table 2 goes before CLDR, which has a script for every code and names for the
    larger languages; the others are called by their codes. Raises CorpusError for what is no code."""
    if code in table2():
        return table2()[code]
    short, script = _cldr(code)
    if not script:
        raise CorpusError(_unknown(code))
    from babel import Locale

    english = Locale("en")
    name = "Chinese" if script in ("Hans", "Hant") else english.scripts.get(script, script)
    return Language(code, english.languages.get(short, code), name)


def is_language(code: str) -> bool:
    """Whether this is an ISO 639-3 code."""
    return code in table2() or bool(_cldr(code)[1])


def language_code(text: str) -> str:
    """The ISO 639-3 code of a language given by it, by its two-letter code or by its English name.

    Raises CorpusError for anything else, with the nearest name where there is one.
    """
    given = text.strip()
    if code := given if is_language(given) else _named(given):
        return code
    raise CorpusError(_unknown(given))


def in_order(codes: Iterable[str]) -> list[str]:
    """Codes without repetition in Table 2's order, others behind them by name."""
    given = set(codes)
    known = [code for code in table2() if code in given]
    return known + sorted(given.difference(known), key=language_name)


def language_name(code: str) -> str:
    """The name of a language; whatever is no code stands for itself."""
    return language(code).name if is_language(code) else code


@cache
def _cldr(code: str) -> tuple[str, str]:
    """CLDR's own code of a language, and that of its script, which is empty where it does not know the language."""
    if len(code) != 3 or not code.isascii() or not code.islower() or code in _BIBLIOGRAPHIC:
        return "", ""
    from babel.core import get_global

    short = get_global("language_aliases").get(code, code)
    parts = get_global("likely_subtags").get(short, "").split("_")
    return short, parts[1] if len(parts) > 1 else ""


@cache
def _by_short_code() -> dict[str, str]:
    from babel.core import get_global

    aliases = get_global("language_aliases").items()
    found = {short: long for long, short in aliases if len(long) == 3 and len(short) == 2 and is_language(long)}
    return {**found, **_USUAL}


@cache
def _by_name() -> dict[str, str]:
    from babel import Locale

    three = _by_short_code()
    codes = ((name.lower(), three.get(short, short)) for short, name in Locale("en").languages.items())
    named = {name: code for name, code in codes if is_language(code)}
    return {**named, **{row.name.lower(): code for code, row in table2().items()}}


def _named(text: str) -> str | None:
    return _by_name().get(text.lower()) or _by_short_code().get(text.lower())


def _unknown(text: str) -> str:
    names = _by_name()
    if code := _named(text):
        return f"{text!r} is no ISO 639-3 code: did you mean {code!r}?"
    close = difflib.get_close_matches(text.lower(), names, n=1)
    hint = f"did you mean {names[close[0]]!r} ({language_name(names[close[0]])})?" if close else "such as eng or swa"
    return f"unknown language {text!r}: an ISO 639-3 code is wanted; {hint}"
