"""The conjectures of §6 on results made by hand."""

import dataclasses
from itertools import product

import pandas as pd
import pytest

from polyner.analysis.contrasts import plain
from polyner.charts import gains_by_languages as gains_by_languages_chart
from polyner.paper import claims
from polyner.paper.sizes import gains_by_languages, gains_with_relatives, slopes_by_relatives
from tests.paper.made import COLUMNS, NO_RESULTS, NOISE, estimate, findings, judged

TEN = ("deu", "rus", "ara", "ind", "spa", "hin", "tam", "fin", "tur", "kat")
MORE = ("eng", "nld", "ukr", "fas", "urd", "est", "vie", "jpn", "kor", "zho")
GROUPS = {"four": TEN[:4], "ten": TEN, "twenty": TEN + MORE}


def many(polyglot=-1.0, tuned=2.0, noise=NOISE, groups=tuple(GROUPS), variants=(), gain=lambda group, code: 0.0):
    """Results of groups within groups, where the first ten languages have monolingual and fine-tuned models too.

    variants: (regime, variant, F1 more than plain).
    """
    rows = []
    for group, (seed, error) in product(groups, enumerate(noise)):
        kinds = [("monolingual", "", 70.0), ("polyglot", "", 70 + polyglot), ("fine_tuned", "", 70 + tuned)]
        kinds += [
            (regime, name, 70 + {"polyglot": polyglot, "fine_tuned": tuned}.get(regime, 0) + more)
            for regime, name, more in variants
        ]
        for regime, variant, f1 in kinds:
            for code in GROUPS[group] if regime == "polyglot" else TEN[: len(GROUPS[group])]:
                of = group if regime == "polyglot" else f"{code}" if regime == "monolingual" else f"{group}-{code}"
                moved = f1 + gain(group, code) * (regime != "monolingual") + error * (1 + len(code + regime) % 3)
                run = f"{regime}-{variant}-{of}-{seed}"
                rows.append(("byte-crf", regime, variant, group, code, seed, "test", moved, run))
    return pd.DataFrame(rows, columns=COLUMNS)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "holds"),
        ({"polyglot": 2.0}, "does not hold"),  # with many languages polyglot training wins
        ({"tuned": -2.0}, "does not hold"),
        ({"noise": (0.0,)}, "undecided"),
    ],
)
def test_trends_are_judged_with_twenty_languages_and_shown_with_fewer(given, expected):
    found = judged("beyond-many-languages", many(**given))
    assert found.verdict == expected
    assert {part.group for part in found.parts if part.aim} == {"twenty"}
    assert {part.group for part in found.parts if not part.aim} == {"four", "ten"}
    assert {(part.what, len(part.languages)) for part in found.parts if part.aim} == {
        ("polyglot − monolingual", 10),
        ("fine-tuned − monolingual", 10),
    }


def test_ten_languages_are_not_many():
    found = judged("beyond-many-languages", many(groups=("four", "ten")))
    assert (found.verdict, found.reason) == (
        "not testable here",
        "10 languages trained together at most, fewer than 20",
    )
    assert [judged(each.id, NO_RESULTS).verdict for each in claims(["6"])] == ["not run"] * 3


@pytest.mark.parametrize(("more", "expected"), [(1.5, "holds"), (-1.5, "does not hold"), (0.0, "undecided")])
def test_mgda_is_judged_on_the_mean_and_pcgrad_and_the_worst_language_are_shown(more, expected):
    worst = {"ara": -9.0}
    results = many(
        groups=("four",),
        variants=[("polyglot", "mgda", more), ("polyglot", "pcgrad", 0.3)],
        gain=lambda group, code: worst.get(code, 0.0),
    )
    found = judged("beyond-multi-objective", results)
    assert found.verdict == expected
    figures = {part.what: part.figure for part in found.parts}
    assert figures["MGDA − plain, polyglot"] == pytest.approx(more)
    assert figures["MGDA − plain, on the worst language (Arabic)"] == pytest.approx(more)
    assert figures["PCGrad − plain, polyglot"] == pytest.approx(0.3)
    assert [part.what for part in found.parts if part.aim] == ["MGDA − plain, polyglot"]


def test_ewc_is_judged_at_strength_one_and_what_it_keeps_is_shown():
    variants = [("fine_tuned", "ewc", -1.0), ("fine_tuned", "ewc_10", 3.0), ("fine_tuned", "l2sp_0.01", 1.0)]
    kept = {("four", "ewc"): estimate(20.0), ("four", "polyglot"): estimate(30.0)}
    found = judged("beyond-ewc", many(groups=("four",), variants=variants), estimates={"kept": kept})
    assert found.verdict == "does not hold"
    assert [part.what for part in found.parts if part.aim] == ["EWC − plain, fine-tuned"]
    shown = {part.what: part.figure for part in found.parts if not part.aim}
    assert shown["EWC 10 − plain, fine-tuned"] == pytest.approx(3.0)
    assert shown["L2-SP 0.01 − plain, fine-tuned"] == pytest.approx(1.0)
    assert shown["F1 kept on the other languages, EWC − plain"] == 20.0


def test_the_same_languages_are_followed_through_larger_groups():
    rise = {"four": 0.0, "ten": 1.0, "twenty": 3.0}
    corpora = {code: {"sentences": {"train": 300}} for code in TEN + MORE}
    made = findings(many(gain=lambda group, code: rise[group]), corpora=corpora)
    table = gains_by_languages(made)
    of_ten = table[(table["series"] == "ten") & (table["group"] == "twenty") & (table["regime"] == "polyglot")]
    (same,) = (e for key, e in made.contrasts.differences(*plain("monolingual", "polyglot")).items() if "twenty" in key)
    assert tuple(of_ten[["gain", "low", "high"]].iloc[0]) == (same.figure, same.low, same.high)
    assert set(zip(table["series"], table["group"], table["languages"], table["together"], strict=True)) == {
        ("four", "four", 4, 4),
        ("four", "ten", 4, 10),
        ("four", "twenty", 4, 20),
        ("ten", "ten", 10, 10),
        ("ten", "twenty", 10, 20),
    }
    tuned = table[(table["regime"] == "fine_tuned") & (table["series"] == "four")]
    assert tuned["gain"].tolist() == pytest.approx([2.0, 3.0, 5.0])
    chart = gains_by_languages_chart(table).to_dict()
    assert chart["usermeta"]["polyner"]["finding"] == (
        "Byte CRF, F1 of 4 languages against monolingual, by languages trained: polyglot −1.0 with 4, +2.0 with 20; "
        "fine-tuned +2.0 with 4, +5.0 with 20"
    )


def test_gains_by_relatives_of_the_genus_and_in_the_script():
    facts = {"ukr": {"genus": "Slavic"}, "est": {"genus": "Finnic"}, "fin": {"genus": "Finnic"}}
    facts |= {"urd": {"genus": "Indo-Aryan"}, "tam": {"genus": "Dravidian"}, "tur": {"genus": "Turkic"}}
    facts |= {"kat": {"genus": "Kartvelian"}}
    made = findings(many())
    made = dataclasses.replace(made, about={**made.about, "settings": {"profile": "", "facts": facts}})
    cells = gains_with_relatives(made).set_index(["regime", "group", "language"])
    assert cells.loc[("polyglot", "twenty", "rus"), ["genus", "script"]].tolist() == [1, 1]
    assert cells.loc[("polyglot", "twenty", "ara"), ["genus", "script"]].tolist() == [0, 2]
    assert cells.loc[("polyglot", "twenty", "deu"), ["genus", "script"]].tolist() == [2, 8]
    assert cells.loc[("fine_tuned", "four", "deu"), "gain"] == pytest.approx(2.0, abs=0.2)
    slopes = slopes_by_relatives(made).set_index(["regime", "like"])
    assert set(slopes["languages"]) == {10}
    assert slopes["slope"].abs().max() < 0.1
