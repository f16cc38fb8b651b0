"""One look for all charts: colours that everybody tells apart, on light and on dark, and what charts say in words."""

import json
from itertools import combinations

import altair as alt
import numpy as np
import pandas as pd
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from polyner import charts
from polyner.charts import theme
from polyner.charts.rows import ON_HEAT
from polyner.charts.titles import by_legend, headline
from polyner.charts.words import best_regime, higher_on, signed
from polyner.names import REGIME_NAMES
from tests.test_charts import difference, regime_dots, slopes

REGIME_COLOURS = list(theme.REGIMES.values())
# The website's backgrounds, light and dark.
GROUNDS = ("#ffffff", "#14181e", "#121212")
# Machado et al. (2009), full severity, on linear RGB.
PROTANOPIA = [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
DEUTERANOPIA = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
RESULTS = pd.DataFrame(
    [("byte-crf", "monolingual", c, f1, "a") for c, f1 in (("eng", 70.0), ("deu", 60.0))]
    + [("byte-crf", "fine_tuned", c, f1, "b") for c, f1 in (("eng", 75.0), ("deu", 59.0))],
    columns=["model", "regime", "language", "f1", "run"],
).assign(group="conll", seed=1)


def linear(colour: str) -> np.ndarray:
    value = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Coordinates in which distances are as they are seen (Ottosson 2020)."""
    cones = np.cbrt(
        np.clip(rgb, 0, None)
        @ np.array(
            [
                [0.41222147, 0.2119035, 0.08830246],
                [0.53633254, 0.6806995, 0.28171884],
                [0.05144599, 0.10739696, 0.62997870],
            ]
        )
    )
    return cones @ np.array(
        [
            [0.21045426, 1.9779985, 0.02590404],
            [0.79361779, -2.4285922, 0.78277177],
            [-0.00407205, 0.4505937, -0.80867577],
        ]
    )


@pytest.mark.parametrize("colour", [*REGIME_COLOURS, *theme.PALETTE])
@pytest.mark.parametrize("ground", GROUNDS)
def test_marks_stand_out_from_a_light_page_and_from_a_dark_one(colour, ground):
    assert contrast(colour, ground) >= 3


@pytest.mark.parametrize("colours", [REGIME_COLOURS, list(theme.TYPE_COLOURS.values())], ids=["regimes", "types"])
@pytest.mark.parametrize("seen", [np.eye(3), np.array(PROTANOPIA), np.array(DEUTERANOPIA)], ids=["all", "prot", "deut"])
def test_colours_of_one_chart_are_told_apart_by_everybody(colours, seen):
    places = [oklab(seen @ linear(colour)) for colour in colours]
    assert min(np.linalg.norm(one - other) for one, other in combinations(places, 2)) > 0.07


def test_nothing_but_a_regime_has_a_regimes_colour():
    assert len(set(REGIME_COLOURS)) == len(REGIME_COLOURS)
    assert not set(REGIME_COLOURS) & {*theme.PALETTE, *theme.TYPE_COLOURS.values()}


@pytest.mark.parametrize("colour", theme.PALETTE)
def test_numbers_on_bars_can_be_read(colour):
    assert contrast(colour, "#ffffff" if colour in theme.DARK else ON_HEAT) >= 4.5


def title_of(chart, **signals) -> str:
    """The title as it is drawn, with other values of parameters than those at the beginning."""
    spec = chart.to_dict() | {"width": 600}
    for param in spec["params"]:
        value = signals.get(param["name"], param.get("value"))
        if isinstance(value, list):  # chosen in a legend
            value = [{param["select"]["fields"][0]: name} for name in value]
        param["value"] = value
        if param["value"] is None:
            param.pop("value")
    found = []

    def walk(item):
        if isinstance(item, dict):
            if item.get("name") == "title" or item.get("role") == "title-text":
                found.extend(part["text"] for part in item.get("items", []) if "text" in part)
            for value in item.values():
                walk(value)
        elif isinstance(item, list):
            for value in item:
                walk(value)

    walk(vl_convert.vegalite_to_scenegraph(spec))
    return " ".join(found[0]) if isinstance(found[0], list) else found[0]


def test_titles_say_what_the_data_say():
    chart = slopes(RESULTS)
    assert (
        title_of(chart)
        == "Monolingual and fine-tuned are best on 1 of 2 languages each (mean F1: monolingual 65.0, fine-tuned 67.0)"
    )
    worse = RESULTS.assign(f1=[90.0, 90.0, 80.0, 80.0])
    assert title_of(slopes(worse)).startswith("Monolingual is best on 2 of 2 languages")
    nothing = title_of(slopes(RESULTS.assign(f1=0.0)))
    assert nothing == "The same on 2 languages in every regime (mean F1: monolingual 0.0, fine-tuned 0.0)"


def test_titles_follow_the_menu():
    both = pd.concat([RESULTS, RESULTS.assign(model="char-crf", f1=[90.0, 90.0, 80.0, 80.0])])
    assert title_of(slopes(both)).startswith("Monolingual and fine-tuned are best")
    assert title_of(slopes(both), slopes_architecture="char-crf").startswith("Monolingual")


def test_differences_are_counted():
    rows = pd.DataFrame({"language": ["eng", "deu", "nld", "spa"], "difference": [4.0, 2.0, -1.0, 2.6]})
    rows = rows.assign(model="byte-crf", group="conll", low=None, high=None, first=60.0, second=61.0, seeds=1)
    assert title_of(difference(rows)) == "F1 is higher on 3 of 4 languages (mean: +1.9 points)"
    rows["difference"] *= -1
    assert title_of(difference(rows)) == "F1 is lower on 3 of 4 languages (mean: −1.9 points)"
    assert higher_on(pd.Series({("", "eng"): 1.0})) == "F1 is higher on English (mean: +1.0 points)"
    groups = {("lorelei", "swa"): -3.0, ("conll", "eng"): 1.0, ("conll", "deu"): 3.0}
    assert (
        higher_on(pd.Series(groups))
        == "F1 is higher on 2 of 3 languages (mean: CoNLL languages +2.0, LORELEI languages −3.0 points)"
    )


def test_titles_have_a_text_for_every_choice_in_a_legend():
    told = by_legend(["a", "b"], "+".join)
    assert told == {(): "a+b", ("a",): "a", ("b",): "b", ("a", "b"): "a+b"}
    chart = regime_dots(RESULTS)
    assert title_of(chart) == title_of(chart, dots_regime=["fine-tuned", "monolingual"])
    assert title_of(chart, dots_regime=["fine-tuned"]) == "Mean F1 over 2 languages: fine-tuned 67.0"


def test_titles_name_what_legends_leave_where_they_have_no_text_for_it():
    sizes = pd.DataFrame({"group": "conll", "language": ["eng"], "train": [100], "paper": [11_663]})
    assert title_of(charts.corpus_sizes(sizes)).startswith("100 training sentences")
    assert title_of(charts.corpus_sizes(sizes), sizes_of=["the paper"]) == "Shown: the paper"


figures = st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 100), min_size=1)


@given(st.dictionaries(st.sampled_from(["monolingual", "polyglot", "fine_tuned"]), figures, min_size=2))
def test_the_best_regime_is_best_on_as_many_as_it_says(means):
    common = set.intersection(*(set(values) for values in means.values()))
    told = best_regime(pd.DataFrame(means))
    if not common:
        assert told == ""
        return
    if all(len({values[key] for values in means.values()}) == 1 for key in common):
        assert told.startswith(f"The same on {len(common)} language")
        return
    wins = {r: sum(v[k] == max(m[k] for m in means.values()) for k in common) for r, v in means.items()}
    best = [name for regime, name in REGIME_NAMES.items() if wins.get(regime) == max(wins.values())]
    assert told.startswith(" and ".join(best).capitalize() + (" is best" if len(best) == 1 else " are best"))
    if len(common) > 1:
        assert f" best on {max(wins.values())} of {len(common)} languages" in told


@given(st.floats(-1e6, 1e6))
def test_signs_are_true_minus_signs_and_zero_has_both(value):
    text = signed(value)
    assert "-" not in text
    assert text[0] == ("±" if round(value, 1) == 0 else "+" if value > 0 else "−")


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_a_title_and_stays_text(text):
    choice = alt.param(name="p", value=1)
    written = headline({(1,): text, (2,): "other"}, text, {"a": choice}, {}).to_dict()["text"]["expr"]
    texts, _ = json.JSONDecoder().raw_decode(written, written.index("{"))
    assert texts == {"1": text, "2": "other"}


@pytest.mark.parametrize("text", ['it\'s $1 of "one" \\n <b>', "a" * 100 + " b", "one two " * 30, "", "a-b-" * 25])
def test_titles_are_drawn_as_they_are_written(text):
    chart = alt.Chart(pd.DataFrame({"a": [1]})).mark_point().encode(x="a:Q").add_params(alt.param(name="p", value=1))
    drawn = title_of(chart.properties(title=headline({(): text}, "subject", {}, {})))
    assert drawn.split() == text.split()


def test_descriptions_are_of_what_is_drawn_at_first():
    both = pd.concat([RESULTS, RESULTS.assign(model="char-crf", f1=[90.0, 90.0, 80.0, 80.0])])
    words = slopes(both).to_dict()["description"]
    assert "F1: monolingual 60 to 70, mean 65; fine-tuned 59 to 75, mean 67" in words
    assert words.startswith("Monolingual and fine-tuned are best on 1 of 2 languages each")


@pytest.mark.parametrize("chart", [slopes, regime_dots])
def test_descriptions_say_kind_axes_colours_menus_and_numbers(chart):
    words = chart(RESULTS).to_dict()["description"]
    for part in ("dots", "F1 on test (%)", "English, German", "To choose: Language (all languages, English, German)"):
        assert part in words
    assert "monolingual 60 to 70, mean 65; fine-tuned 59 to 75, mean 67" in words


def test_numbers_in_words_are_rounded_as_the_website_rounds_them():
    words = slopes(RESULTS.assign(f1=[61.125, 61.125, 1984.5, -0.0625])).to_dict()["description"]
    assert "61.13" in words
    assert "−0.0625 to 1985" in words
