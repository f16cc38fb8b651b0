"""The charts of §4.2 and §5: what they draw of a table, and what they refuse."""

from functools import partial
from itertools import product

import pandas as pd
import pytest

from polyner import charts
from tests.charted import menus, rows, spec_of

REGIMES = ["monolingual", "polyglot", "fine_tuned"]
LANGUAGES = [("conll", "eng"), ("conll", "deu"), ("lorelei", "hin")]
SEEDS = [1, 2]

CURVES = pd.DataFrame(
    [
        ("hin", "monolingual", 50, 1, 10.0),
        ("hin", "monolingual", 50, 2, 20.0),
        ("ben", "monolingual", 50, 1, 30.0),
        ("hin", "fine_tuned", 0, 1, 5.0),
        ("hin", "fine_tuned", 50, 1, 40.0),
    ],
    columns=["language", "regime", "sentences", "seed", "f1"],
).assign(group="lorelei", run="r")
RELATED = pd.DataFrame(
    {
        "group": "heldout",
        "language": ["rus", "yor"],
        "f1": [3.0, 20.0],
        "gain": [-0.5, 4.0],
        "shared_script": [0.0, 0.6],
    }
)
RECALL = pd.DataFrame(
    [(r, g, code, gold, 100, 10 + i) for i, (r, (g, code), gold) in enumerate(product(REGIMES, LANGUAGES, ["PER"]))]
    + [(r, g, code, "O", 9000, 200) for r, (g, code) in product(REGIMES, LANGUAGES)],
    columns=["regime", "group", "language", "gold", "tokens", "errors"],
)
CONFUSIONS = pd.DataFrame(
    [
        (r, g, code, seed, gold, predicted, 8 if gold == predicted else 2 * seed - 2)
        for r, (g, code), seed, gold, predicted in product(REGIMES, LANGUAGES, SEEDS, ["PER", "O"], ["PER", "O"])
    ],
    columns=["regime", "group", "language", "seed", "gold", "predicted", "tokens"],
)
RATES = pd.DataFrame(
    [
        (r, g, code, seed, common, 10.0 * seed + 4 * (code == "deu") + 5 * (not common), 50)
        for r, (g, code), seed, common in product(REGIMES, LANGUAGES, SEEDS, [True, False])
    ],
    columns=["regime", "group", "language", "seed", "common", "error_rate", "gold"],
)
KINDS = {"correct": 70, "wrong_type": 5, "wrong_boundary": 10, "wrong_both": 5, "missed": 10, "spurious": 20}
SPANS = pd.DataFrame(
    [
        (r, g, code, seed, type_, kind, count * (2 if type_ == "PER" else 1))
        for r, (g, code), seed, type_, (kind, count) in product(
            REGIMES, LANGUAGES, SEEDS, ["PER", "LOC"], KINDS.items()
        )
    ],
    columns=["regime", "group", "language", "seed", "type", "kind", "count"],
)
PRUNED = pd.DataFrame(
    [
        ("byte-crf", r, g, code, seed, "global", "magnitude", share, 80 - 50 * share + 10 * (code == "deu") + seed)
        for r, (g, code), seed, share in product(REGIMES, LANGUAGES, SEEDS, [0.0, 0.5, 1.0])
    ],
    columns=["model", "regime", "group", "language", "seed", "scope", "order", "share", "f1"],
).assign(run="r")
THRESHOLDS = pd.DataFrame(
    [(r, g, code, seed, seed / 10) for r, (g, code), seed in product(REGIMES, LANGUAGES, [2, 4])],
    columns=["regime", "group", "language", "seed", "last_share"],
).assign(model="byte-crf", scope="global", drop=1.0, run="r")
OVERLAPS = pd.DataFrame(
    [
        ("conll", seed, "languages", first, second, layer, share, 1000, 0.3 if layer == "embedding" else 1.0, overlap)
        for seed, (first, second, overlap), layer, share in product(
            SEEDS,
            [("eng", "deu", 0.2), ("deu", "eng", 0.2), ("eng", "nld", 0.4), ("nld", "eng", 0.6)],
            ["embedding", "word LSTM 1", "CRF"],
            [0.05, 0.25, 0.5],
        )
    ],
    columns=["group", "seed", "comparison", "first", "second", "layer", "share", "parameters", "used", "overlap"],
).assign(source="trained", ranks="layer")
pruning_lines = partial(charts.pruning_lines, title="F1")
overlap_by_layer = partial(charts.overlap_by_layer, title="Overlap")
ALL = {
    "target_curves": (charts.target_curves, CURVES, "sentences"),
    "relatedness_scatter": (charts.relatedness_scatter, RELATED, "gain"),
    "recall_error_bars": (charts.recall_error_bars, RECALL, "errors"),
    "confusion_matrix": (charts.confusion_matrix, CONFUSIONS, "predicted"),
    "common_entity_bars": (charts.common_entity_bars, RATES, "common"),
    "span_error_bars": (charts.span_error_bars, SPANS, "kind"),
    "pruning_lines": (pruning_lines, PRUNED, "share"),
    "pruning_thresholds": (charts.pruning_thresholds, THRESHOLDS, "last_share"),
    "overlap_by_layer": (overlap_by_layer, OVERLAPS, "used"),
    "overlap_heatmap": (charts.overlap_heatmap, OVERLAPS, "layer"),
}


def by(spec: dict, *keys: str, value: str, **where) -> dict:
    """A column's value by other columns, of the rows that are as `where` says."""
    chosen = [row for row in rows(spec) if all(row[key] == wanted for key, wanted in where.items())]
    found = {tuple(row[key] for key in keys) if len(keys) > 1 else row[keys[0]]: row[value] for row in chosen}
    assert len(found) == len(chosen)
    return found


def test_target_curves_are_means_over_seeds_and_begin_with_the_polyglot_model():
    spec = spec_of(charts.target_curves(CURVES))
    assert by(spec, "language", "regime", "sentences", value="f1", of="mean") == {
        ("ben", "monolingual", 50): 30.0,
        ("hin", "monolingual", 50): 15.0,
        ("hin", "fine_tuned", 0): 5.0,
        ("hin", "fine_tuned", 50): 40.0,
    }
    assert by(spec, "seed", value="f1", of="seed", language="hin", regime="monolingual") == {1: 10.0, 2: 20.0}
    assert menus(spec) == {"Language": {"Hindi": "lorelei: hin", "Bengali": "lorelei: ben"}}
    scale = spec["layer"][0]["encoding"]["x"]["scale"]
    assert scale["type"] == "symlog"
    assert scale["domain"] == [0, 50]


def test_one_language_needs_no_menu():
    assert menus(spec_of(charts.target_curves(CURVES[CURVES["language"] == "hin"]))) == {}


def test_languages_without_a_gain_are_left_out():
    unknown = RELATED.assign(gain=[None, 4.0])
    assert by(spec_of(charts.relatedness_scatter(unknown)), "name", value="gain") == {"Yoruba": 4.0}


def test_recall_errors_are_summed_over_languages_and_told_beside_the_fine_tuned_ones():
    spec = spec_of(charts.recall_error_bars(RECALL))
    # English and German: 10 + 11 monolingual, 13 + 14 polyglot, 16 + 17 fine-tuned.
    assert by(spec, "regime", value="label", language="all", row="CoNLL: PER") == {
        "monolingual": "21 (−12)",
        "polyglot": "27 (−6)",
        "fine_tuned": "33",
    }
    assert by(spec, "regime", value="length", language="all", row="CoNLL: PER") == pytest.approx(
        {"monolingual": 21 / 33, "polyglot": 27 / 33, "fine_tuned": 1.0}, abs=1e-4
    )
    assert by(spec, "regime", value="label", language="all", row="CoNLL: O, own scale")["polyglot"] == "400 (±0)"
    assert by(spec, "regime", value="label", language="eng", row="CoNLL: PER")["monolingual"] == "10 (−6)"
    assert menus(spec)["Language"] == {"all languages": "all", "English": "eng", "German": "deu", "Hindi": "hin"}


def test_recall_errors_of_o_share_the_scale_of_the_types_where_they_are_as_many():
    spec = spec_of(charts.recall_error_bars(RECALL.assign(errors=20)))
    labels = {row["row"].removeprefix("CoNLL: ") for row in rows(spec) if row["group"] == "conll"}
    assert labels == {"CoNLL", "PER", "O"}


def test_confusions_are_means_over_seeds_also_where_a_seed_has_none():
    without = CONFUSIONS[CONFUSIONS["tokens"] > 0]  # seed 1 confuses nothing
    for table in (CONFUSIONS, without):
        spec = spec_of(charts.confusion_matrix(table))
        tokens = by(spec, "gold", "predicted", value="tokens", place="conll: eng", regime="polyglot")
        assert tokens == {("PER", "PER"): 8, ("PER", "O"): 1, ("O", "PER"): 1, ("O", "O"): 8}
        assert by(spec, "gold", "predicted", value="tokens", place="conll", regime="polyglot")["O", "PER"] == 2
        shares = by(spec, "gold", "predicted", value="share", place="conll", regime="polyglot")
        assert shares["PER", "O"] == pytest.approx(1 / 9, abs=1e-4)
    assert list(menus(spec)["Languages"].values()) == [
        *("conll", "conll: eng", "conll: deu", "lorelei", "lorelei: hin")
    ]
    assert list(menus(spec)["Regime"]) == ["monolingual", "polyglot", "fine-tuned"]
    assert spec["layer"][0]["encoding"]["x"]["sort"] == ["PER", "O"]


@pytest.mark.parametrize(
    ("types", "languages", "rarest"), [(4, 17, 0), (18, 1, 0), (18, 17, 11), (66, 1, 48), (66, 17, 59)]
)
def test_of_many_types_the_rarest_are_one_and_titles_say_so(types, languages, rarest):
    codes, tags = [f"l{i:02}" for i in range(languages)], {f"T{i:02}": i + 1 for i in range(types)} | {"O": 1000}
    table = pd.DataFrame(
        [
            (r, "conll", code, 1, g, p, (1 + (g == p)) * tags[g])
            for r, code, g, p in product(REGIMES, codes, tags, tags)
        ],
        columns=["regime", "group", "language", "seed", "gold", "predicted", "tokens"],
    )
    spec = spec_of(charts.confusion_matrix(table))
    others = {"other types"} if rarest else set()
    assert len(rows(spec)) <= 5000
    assert {row["predicted"] for row in rows(spec)} == {*tags} - {f"T{i:02}" for i in range(rarest)} | others
    assert (f"(the {rarest} rarest types as one)" in " ".join(spec["title"]["subtitle"])) == bool(rarest)
    whole = table.loc[table["regime"] == "polyglot", "tokens"].sum()
    assert sum(row["tokens"] for row in rows(spec) if (row["regime"], row["place"]) == ("polyglot", "conll")) == whole
    recall = table.drop_duplicates(["regime", "language", "gold"]).assign(errors=1)
    spans = pd.concat([recall.assign(type=recall["gold"], kind=kind, count=1) for kind in ("missed", "spurious")])
    for chart, counts, tag in ((charts.recall_error_bars, recall, "gold"), (charts.span_error_bars, spans, "type")):
        spec = spec_of(chart(counts[counts["gold"] != "O"] if tag == "type" else counts))
        assert len(rows(spec)) <= 5000
        assert ("rarest types as one)" in " ".join(spec["title"]["subtitle"])) == bool(rarest)


def test_common_entities_stand_by_language_and_as_the_mean_of_the_group():
    spec = spec_of(charts.common_entity_bars(RATES))
    rates = by(spec, "row", "common", value="error_rate", regime="polyglot")
    assert rates["CoNLL: English", True] == 15.0
    assert rates["CoNLL: German", False] == 24.0
    assert rates["CoNLL", True] == 17.0
    assert rates["LORELEI", False] == rates["LORELEI: Hindi", False] == 20.0
    assert spec["layer"][1]["encoding"]["y"]["scale"]["domain"] == [
        *(
            "CoNLL",
            "CoNLL: English",
            "CoNLL: German",
            "LORELEI",
            "LORELEI: Hindi",
        )
    ]


def test_a_language_without_common_entities_does_not_count():
    unknown = RATES.assign(error_rate=RATES["error_rate"].mask(RATES["common"] & (RATES["language"] == "deu")))
    rates = by(spec_of(charts.common_entity_bars(unknown)), "row", value="error_rate", regime="polyglot", common=True)
    assert rates == {
        "CoNLL: English": 15.0,
        "CoNLL": 15.0,
        "LORELEI": 15.0,
        "LORELEI: Hindi": 15.0,
    }


def test_span_errors_are_rates_of_gold_entities():
    spec = spec_of(charts.span_error_bars(SPANS))
    # 100 gold entities of LOC and 200 of PER in each language; every kind in the same proportion.
    for language, type_ in product(["all", "eng"], ["all", "PER"]):
        rates = by(spec, "kind_name", value="rate", language=language, type=type_, row="CoNLL: polyglot")
        assert rates == {
            "wrong type": 5.0,
            "wrong boundary": 10.0,
            "both wrong": 5.0,
            "missed": 10.0,
            "spurious": 20.0,
        }
    counts = by(spec, "language", value="count", kind_name="missed", type="all", row="CoNLL: polyglot")
    assert counts == {"all": 60, "eng": 30, "deu": 30}
    assert list(menus(spec)["Type"].values()) == ["all", "LOC", "PER"]
    # A menu's choice brings the names of its groups with it, and no others.
    assert [row["language"] for row in rows(spec) if row["row"] == "LORELEI" and row["type"] == "PER"] == [
        "all",
        "hin",
    ]


def test_pruning_lines_are_means_over_seeds_and_languages():
    spec = spec_of(pruning_lines(PRUNED))
    f1 = by(spec, "place", "share", value="f1", regime_name="polyglot")
    assert f1["conll: eng", 0.5] == 56.5
    assert f1["conll: deu", 0.5] == 66.5
    assert f1["conll", 0.5] == 61.5
    assert list(menus(spec)) == ["Languages"]
    assert list(menus(spec)["Languages"]) == [
        "CoNLL languages, mean",
        "English",
        "German",
        "LORELEI languages, mean",
        "Hindi",
    ]


def test_random_pruning_is_dashed():
    spec = spec_of(pruning_lines(pd.concat([PRUNED, PRUNED.assign(order="random")])))
    dash = spec["layer"][0]["encoding"]["strokeDash"]["scale"]
    assert dict(zip(dash["domain"], dash["range"], strict=True)) == {
        "smallest weights first": [1, 0],
        "weights at random": [4, 3],
    }
    assert "strokeDash" not in spec_of(pruning_lines(PRUNED))["layer"][0]["encoding"]


def test_thresholds_are_means_over_seeds():
    shares = by(spec_of(charts.pruning_thresholds(THRESHOLDS)), "language", "regime", value="last_share")
    assert len(shares) == 9
    assert set(shares.values()) == {0.3}


def test_overlaps_are_means_over_pairs_with_quartiles_beside_chance():
    spec = spec_of(overlap_by_layer(OVERLAPS))
    (row,) = (row for row in rows(spec) if row["layer"] == "CRF" and row["share"] == 0.25)
    # 0.2, 0.2, 0.4, 0.6
    assert (row["overlap"], row["low"], row["high"], row["pairs"]) == (0.35, 0.2, 0.45, 4)
    assert by(spec, "share", value="basis", layer="embedding") == {
        0.05: "mean of the pairs",
        0.25: "mean of the pairs",
        0.5: "mean of filled-up sets",
    }
    assert spec["layer"][1]["encoding"]["y"]["scale"]["domain"] == [
        *("CoNLL", "CoNLL: CRF", "CoNLL: word LSTM 1", "CoNLL: embedding")
    ]
    chance = min(spec["datasets"].values(), key=len)
    assert {row["top"]: row["share"] for row in chance} == {"top 5%": 0.05, "top 25%": 0.25, "top 50%": 0.5}


def test_the_heat_map_begins_with_the_lstm_and_the_top_quarter():
    spec = spec_of(charts.overlap_heatmap(OVERLAPS))
    assert {param["name"]: param["value"] for param in spec["params"]} == {
        "heat_layer": "word LSTM 1",
        "heat_share": 0.25,
    }
    assert menus(spec)["Weights"] == {
        "top 5%": 0.05,
        "top 25%": 0.25,
        "top 50%": 0.5,
    }
    found = by(spec, "first", "second", value="overlap", layer="CRF", share=0.05)
    assert found == {("eng", "deu"): 0.2, ("deu", "eng"): 0.2, ("eng", "nld"): 0.4, ("nld", "eng"): 0.6}
