"""The 18 languages of Table 2, with the group each belongs to and the paper's number of training sentences."""

from __future__ import annotations

from dataclasses import dataclass

GROUPS = ("conll", "lorelei", "heldout")


@dataclass(frozen=True)
class Language:
    """One row of Table 2.

    `train_sentences` is the size of the paper's training set; `genus` is None where Table 2 prints a dash.
    `group` is `conll` or `lorelei` for the languages of a polyglot model, `heldout` for the four of §4.2.
    """

    code: str
    name: str
    family: str
    genus: str | None
    script: str
    group: str
    train_sentences: int
    note: str = ""


LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("eng", "English", "Indo-European", "Germanic", "Latin", "conll", 11_663),
        Language("spa", "Spanish", "Indo-European", "Romance", "Latin", "conll", 8_323),
        Language("deu", "German", "Indo-European", "Germanic", "Latin", "conll", 12_152),
        Language("nld", "Dutch", "Indo-European", "Germanic", "Latin", "conll", 15_806),
        Language("amh", "Amharic", "Afroasiatic", "Semitic", "Ge'ez", "lorelei", 4_923),
        Language("ara", "Arabic", "Afroasiatic", "Semitic", "Arabic", "lorelei", 4_990),
        Language(
            "fas",
            "Farsi",
            "Indo-Iranian",
            None,
            "Arabic",
            "lorelei",
            3_849,
            "Table 2 prints Indo-Iranian, a branch of Indo-European, as the family.",
        ),
        Language("hin", "Hindi", "Indo-European", "Indo-Aryan", "Devanagari", "lorelei", 4_197),
        Language("hun", "Hungarian", "Uralic", "Ugric", "Latin", "lorelei", 4_846),
        Language("ind", "Indonesian", "Austronesian", "Malayo-Polynesian", "Latin", "lorelei", 4_605),
        Language("som", "Somali", "Afroasiatic", "Cushitic", "Latin", "lorelei", 3_253),
        Language("swa", "Swahili", "Niger-Congo", "Bantu", "Latin", "lorelei", 3_318),
        Language("tgl", "Tagalog", "Austronesian", None, "Latin", "lorelei", 4_780),
        Language("vie", "Vietnamese", "Austroasiatic", "Vietic", "Latin (Viet.)", "lorelei", 4_042),
        Language("rus", "Russian", "Indo-European", "Slavic", "Cyrillic", "heldout", 6_480),
        Language("ben", "Bengali", "Indo-European", "Indo-Aryan", "Bengali", "heldout", 7_538),
        Language(
            "uzb",
            "Uzbek",
            "Turkic",
            None,
            "Arabic",
            "heldout",
            11_323,
            "Table 2 prints the Arabic script; Uzbek LORELEI text is largely Latin.",
        ),
        Language("yor", "Yoruba", "Niger-Congo", None, "Latin", "heldout", 1_753),
    )
}


def languages_of(group: str) -> tuple[str, ...]:
    """The codes of a group's languages, in Table 2's order. Raises ValueError for an unknown group."""
    if group not in GROUPS:
        raise ValueError(f"unknown group {group!r}: one of {', '.join(GROUPS)}")
    return tuple(code for code, language in LANGUAGES.items() if language.group == group)
