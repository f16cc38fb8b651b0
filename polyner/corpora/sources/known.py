"""How many sentences and entities well-known corpora have, to check a copy against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from polyner.corpora.quality import entity_counts
from polyner.corpora.sentence import Sentence


class Known(NamedTuple):
    """Of one file or split: its sentences, and its entities by type where those are known."""

    sentences: int
    entities: Mapping[str, int] | None = None


def _conll(sentences: int, per: int, loc: int, org: int, misc: int) -> Known:
    return Known(sentences, {"PER": per, "LOC": loc, "ORG": org, "MISC": misc})


def _sizes(train: int, dev: int, test: int) -> dict[str, Known]:
    return {"train": Known(train), "dev": Known(dev), "test": Known(test)}


_ENGLISH = {
    "train": _conll(14_041, 6_600, 7_140, 6_321, 3_438),
    "dev": _conll(3_250, 1_842, 1_837, 1_341, 922),
    "test": _conll(3_453, 1_617, 1_668, 1_661, 702),
}
_AMHARIC = {
    "train": Known(1_750, {"LOC": 1_050, "PER": 505, "DATE": 415, "ORG": 277}),
    "dev": Known(250, {"LOC": 143, "PER": 83, "DATE": 59, "ORG": 43}),
    "test": Known(500, {"LOC": 227, "PER": 142, "DATE": 106, "ORG": 83}),
}
_SWAHILI = {
    **_sizes(6_593, 942, 1_883),
    "dev": Known(942, {"LOC": 813, "PER": 564, "ORG": 337, "DATE": 304}),
}
_YORUBA = {
    **_sizes(6_876, 983, 1_964),
    "dev": Known(983, {"PER": 373, "LOC": 296, "ORG": 197, "DATE": 129}),
}
_PANX_SIZES = {  # of train and dev as they are published, by size
    (20_000, 10_000): "ara bul deu ell eng spa fas fin fra heb hun ind ita jpn kor nld pol por ron rus tur ukr vie zho",
    (20_000, 1_000): "msa urd",
    (15_000, 10_000): "est",
    (15_000, 1_000): "tam",
    (10_000, 10_000): "eus kat lit",
    (10_000, 1_000): "aze ben mal tgl",
    (5_000, 1_000): "afr hin mar",
    (1_000, 1_000): "kaz swa tel",
    (100, 100): "guj jav mya pan que yor",
}
_LARGE, _SMALL = (20_000, 10_000, 10_000), (100, 100, 100)

# By collection, language, and split; `pool` is what a collection is split from here.
KNOWN: Mapping[str, Mapping[str, Mapping[str, Known]]] = {
    "conll2002": {
        "spa": {
            "train": _conll(8_323, 4_321, 4_913, 7_390, 2_173),
            "dev": _conll(1_915, 1_222, 984, 1_700, 445),
            "test": _conll(1_517, 735, 1_084, 1_400, 339),
        },
        "nld": {
            "train": _conll(15_806, 4_716, 3_208, 2_082, 3_338),
            "dev": _conll(2_895, 703, 479, 686, 748),
            "test": _conll(5_195, 1_098, 774, 882, 1_187),
        },
    },
    "conll2003-eng": {"eng": _ENGLISH},
    "conll2003": {
        "eng": _ENGLISH,
        "deu": {
            "train": _conll(12_152, 2_773, 4_363, 2_427, 2_288),
            "dev": Known(2_867),
            "test": Known(3_005),
        },
    },
    "wikiann": {
        **{code: _sizes(*_LARGE) for code in ["eng", "spa", "deu", "nld", "ara", "fas", "hun", "ind", "vie", "rus"]},
        **{code: _sizes(*_SMALL) for code in ("amh", "som", "yor")},
        **{code: _sizes(10_000, 1_000, 1_000) for code in ("tgl", "ben")},
        **{code: _sizes(1_000, 1_000, 1_000) for code in ("swa", "uzb")},
        "hin": _sizes(5_000, 1_000, 1_000),
    },
    "masakhaner": {"amh": _AMHARIC},
    "masakhaner2": {"swa": _SWAHILI, "yor": _YORUBA},
    "panx": {
        code: {"train": Known(train), "dev": Known(dev)}
        for (train, dev), codes in _PANX_SIZES.items()
        for code in codes.split()
    },
    "open": {
        "eng": {"pool": Known(23_187)},
        "deu": {"pool": Known(24_702)},
        "nld": {"pool": Known(21_007)},
        "spa": {"pool": Known(19_158)},
        "amh": _AMHARIC,
        "swa": _SWAHILI,
        "yor": _YORUBA,
        "ara": {
            "train": Known(3_472, {"LOC": 3_381, "PER": 2_336, "ORG": 1_218}),
            "dev": Known(500, {"PER": 398, "LOC": 398, "ORG": 368}),
            "test": Known(924, {"PER": 906, "LOC": 676, "ORG": 459}),
        },
        "fas": {
            "train": Known(5_121, {"ORG": 3_067, "LOC": 2_266, "PER": 2_165, "PRO": 459, "EVENT": 403, "FAC": 383}),
            "test": Known(2_560),
        },
        "hin": {"pool": Known(10_851)},
        "hun": _sizes(19_374, 2_396, 2_460),
        "ind": {"pool": Known(1_881, {"LOC": 3_016, "PER": 1_831, "ORG": 1_136})},
        "tgl": {"pool": Known(222, {"LOC": 35, "PER": 21})},
        "rus": {
            "train": Known(1_769, {"ORG": 733, "PER": 728, "LOC": 506, "LOCORG": 456}),
            "test": Known(3_138),
        },
        "ben": {
            "train": Known(4_612, {"PER": 1_877, "ORG": 1_407, "LOC": 1_339, "TIM": 1_203}),
            "test": Known(1_950),
        },
    },
}


def differences(collection: str, language: str, parts: Mapping[str, Sequence[Sentence]]) -> list[str]:
    """Where a copy has not as many sentences or entities as it is known to have, in words; none where all is well.

    Collections, languages and parts of which nothing is known are not checked.
    """
    found = []
    for part, known in KNOWN.get(collection, {}).get(language, {}).items():
        if part not in parts:
            continue
        if len(parts[part]) != known.sentences:
            found.append(f"{language} {part}: {len(parts[part]):,} sentences, known to have {known.sentences:,}")
        by_type = entity_counts(parts[part])
        for entity_type in sorted({*by_type, *(known.entities or ())}) if known.entities is not None else ():
            expected = known.entities.get(entity_type, 0)
            if (count := by_type.get(entity_type, 0)) != expected:
                found.append(f"{language} {part}: {count:,} {entity_type}, known to have {expected:,}")
    return found


def is_known(collection: str, language: str) -> bool:
    """Whether there are counts to check this corpus against."""
    return bool(KNOWN.get(collection, {}).get(language))
