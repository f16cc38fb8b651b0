"""The claims of §5.2 and §5.3, on curves and overlaps made by hand."""

import pandas as pd
import pytest

from polyner.paper import Evidence, verdict

NOTHING = Evidence(
    pd.DataFrame(columns=["model", "regime", "variant", "group", "language", "seed", "split", "f1", "run"]), {}
)
PRUNING_CLAIMS = ("pruning-mono-sparser", "pruning-polyglot-efficient", "pruning-finetune-denser")
FISHER_CLAIMS = ("fisher-shared-quarter", "fisher-unique-top", "fisher-retained", "fisher-top-shifts")
LANGUAGES = {"conll": ("eng", "deu", "spa", "nld"), "lorelei": ("amh", "hin")}
PAIRS = {"pruning-mono-sparser": ("polyglot", "monolingual"), "pruning-finetune-denser": ("monolingual", "fine_tuned")}


def changes(differences: dict[str, float], pair: tuple[str, str], width=5.0, seeds=3) -> pd.DataFrame:
    """By group, how many percentage points more can be pruned of the second regime's models; of the first's, 40 %."""
    rows = [
        (group, *pair, 40.0, 40.0 + d, d, d - width, d + width, seeds, " ".join(LANGUAGES[group]), "")
        for group, d in differences.items()
    ]
    columns = ["group", "first", "second", "first_share", "second_share", "difference", "low", "high", "seeds"]
    return pd.DataFrame(rows, columns=[*columns, "languages", "left_out"])


@pytest.mark.parametrize(("claim", "sign"), [("pruning-mono-sparser", 1), ("pruning-finetune-denser", -1)])
@pytest.mark.parametrize(
    ("sizes", "width", "seeds", "expected", "figure"),
    [
        ({"conll": 30, "lorelei": 20}, 5, 3, "holds", 20),
        ({"conll": 90, "lorelei": -20}, 5, 3, "does not hold", -20),  # the mean of the groups would hide it
        ({"conll": 30, "lorelei": 4}, 5, 3, "undecided", 4),
        ({"conll": 30, "lorelei": 6}, 5, 3, "undecided", 6),  # one comparison would do, of two it does not
        ({"conll": 30, "lorelei": 20}, 5, 2, "undecided", 20),
        ({"conll": 30}, 5, 3, "undecided", 30),  # the claim is about both groups
        ({"lorelei": -30}, 5, 3, "does not hold", -30),
    ],
)
def test_how_much_can_be_pruned(claim, sign, sizes, width, seeds, expected, figure):
    table = changes({group: sign * size for group, size in sizes.items()}, PAIRS[claim], width, seeds)
    other = changes({"conll": -sign * 50, "lorelei": -sign * 50}, PAIRS[({*PAIRS} - {claim}).pop()])
    judged = verdict(claim, NOTHING.with_tables(pruning=pd.concat([table, other])))
    assert (judged.verdict, judged.figure) == (expected, pytest.approx(sign * figure))
    assert (judged.unit, judged.signed, judged.line) == ("percentage points", True, 0.0)
    assert ("Not at hand" in judged.detail) == (len(sizes) < 2)
    for group in sizes:
        assert f"{group}: {' '.join(LANGUAGES[group])}" in judged.detail


def test_languages_without_a_threshold_are_named():
    table = changes({"conll": 30.0, "lorelei": 20.0}, PAIRS["pruning-mono-sparser"]).assign(left_out=["nld", ""])
    judged = verdict("pruning-mono-sparser", NOTHING.with_tables(pruning=table))
    assert "(without nld, of which a model finds next to nothing); lorelei: amh hin" in judged.detail


@pytest.mark.parametrize(
    ("ratio", "low", "high", "seeds", "expected"),
    [
        (0.3, 0.2, 0.4, 3, "holds"),
        (0.625, 0.55, 0.7, 3, "does not hold"),
        (0.4, 0.3, 0.55, 3, "undecided"),
        (0.4, 0.3, float("inf"), 3, "undecided"),
        (0.3, 0.2, 0.4, 2, "undecided"),
    ],
)
def test_the_polyglot_model_is_efficient(ratio, low, high, seeds, expected):
    columns = ["group", "ratio", "low", "high", "seeds", "languages", "kept", "f1_difference"]
    rows = [("conll", ratio, low, high, seeds, 4, 0.6, -0.33), ("lorelei", 9.0, 8.0, 10.0, 3, 2, 1.0, 0.0)]
    judged = verdict("pruning-polyglot-efficient", NOTHING.with_tables(efficiency=pd.DataFrame(rows, columns=columns)))
    assert (judged.verdict, judged.figure) == (expected, ratio)
    assert judged.high == (high if high < 1 else None)
    assert "One model for 4 languages keeps 60% of its weights, and has −0.33 F1" in judged.detail
    lorelei = pd.DataFrame(rows[1:], columns=columns)
    assert verdict("pruning-polyglot-efficient", NOTHING.with_tables(efficiency=lorelei)).verdict == "not run"


def overlaps(comparison: str, top: float, quarter: float, noise=(-0.01, 0.0, 0.01), group="lorelei") -> pd.DataFrame:
    """Overlaps of two LSTM layers, one more and one less than these, and of embeddings that say something else."""
    first, second, *_ = LANGUAGES[group]
    pairs = [(first, second), (second, first)] if comparison == "languages" else [(first, first), (second, second)]
    rows = []
    for pair in pairs:
        for seed, error in enumerate(noise):
            for share, overlap in ((0.05, top), (0.25, quarter), (0.5, 0.7)):
                for layer, shift in (("word LSTM 1", 0.02), ("sentence LSTM 1", -0.02), ("embedding", 0.2)):
                    rows.append((group, seed, comparison, *pair, layer, share, overlap + shift + error))
    return pd.DataFrame(rows, columns=["group", "seed", "comparison", "first", "second", "layer", "share", "overlap"])


@pytest.mark.parametrize(
    ("claim", "comparison", "top", "quarter", "noise", "expected", "figure"),
    [
        ("fisher-shared-quarter", "languages", 0.1, 0.40, (-0.01, 0.0, 0.01), "holds", 40),
        (
            "fisher-shared-quarter",
            "languages",
            0.1,
            0.27,
            (-0.001, 0.0, 0.001),
            "does not hold",
            27,
        ),  # hardly beyond 25
        ("fisher-shared-quarter", "languages", 0.1, 0.20, (-0.01, 0.0, 0.01), "does not hold", 20),
        ("fisher-shared-quarter", "languages", 0.1, 0.34, (-0.05, 0.0, 0.05), "undecided", 34),
        ("fisher-shared-quarter", "languages", 0.1, 0.40, (0.0, 0.0), "undecided", 40),
        ("fisher-unique-top", "languages", 0.15, 0.40, (-0.01, 0.0, 0.01), "holds", 15),
        (
            "fisher-unique-top",
            "languages",
            0.30,
            0.40,
            (-0.01, 0.0, 0.01),
            "does not hold",
            30,
        ),  # 26 and 20 beyond 5, 25
        ("fisher-unique-top", "languages", 0.6, 0.90, (-0.01, 0.0, 0.01), "does not hold", 60),  # more than half
        ("fisher-unique-top", "languages", 0.45, 0.70, (-0.1, 0.0, 0.1), "undecided", 45),
        ("fisher-unique-top", "languages", 0.15, 0.40, (0.0,), "undecided", 15),
        ("fisher-retained", "retained", 0.3, 0.60, (-0.01, 0.0, 0.01), "holds", 60),
        ("fisher-retained", "retained", 0.3, 0.40, (-0.01, 0.0, 0.01), "does not hold", 40),
        ("fisher-retained", "retained", 0.3, 0.51, (-0.05, 0.0, 0.05), "undecided", 51),
        ("fisher-top-shifts", "retained", 0.24, 0.55, (-0.01, 0.0, 0.01), "holds", 20 - 40),
        (
            "fisher-top-shifts",
            "retained",
            0.43,
            0.475,
            (-0.01, 0.0, 0.01),
            "does not hold",
            40 - 30,
        ),  # 43 is below 47.5
        ("fisher-top-shifts", "retained", 0.24, 0.40, (-0.01, 0.0, 0.01), "undecided", 0),
        ("fisher-top-shifts", "retained", 0.24, 0.55, (0.0, 0.0), "undecided", 20 - 40),
    ],
)
def test_overlaps_of_important_weights(claim, comparison, top, quarter, noise, expected, figure):
    other = overlaps("retained" if comparison == "languages" else "languages", 0.99, 0.99, noise)
    judged = verdict(claim, NOTHING.with_tables(fisher=pd.concat([overlaps(comparison, top, quarter, noise), other])))
    assert (judged.verdict, judged.figure) == (expected, pytest.approx(figure, abs=1e-9))
    assert "2 LSTM layers, lorelei: amh hin" in judged.detail
    assert "CoNLL" not in judged.detail


def test_an_overlap_of_the_top_can_be_smaller_by_chance_alone():
    # (24 - 5) / 95 = 20 % and (40 - 25) / 75 = 20 %: as far beyond chance.
    judged = verdict("fisher-unique-top", NOTHING.with_tables(fisher=overlaps("languages", 0.24, 0.40)))
    assert "Corrected for chance, 20.0 % of the top 5 % and 20.0 % of the top 25 %." in judged.detail
    assert judged.verdict == "undecided"


@pytest.mark.parametrize(
    ("claim", "comparison", "shown"),
    [
        ("fisher-shared-quarter", "languages", 50.0),
        ("fisher-unique-top", "languages", 9.5),
        ("fisher-retained", "retained", 50.0),
        ("fisher-top-shifts", "retained", 100 * (0.045 / 0.95 - 1 / 3)),
    ],
)
def test_what_the_paper_says_of_lorelei_is_not_judged_on_conll(claim, comparison, shown):
    conll = overlaps(comparison, 0.095, 0.5, group="conll")
    assert verdict(claim, NOTHING.with_tables(fisher=conll)).verdict == "not run"
    lorelei = overlaps(comparison, 0.24, 0.40)
    alone, both = (
        verdict(claim, NOTHING.with_tables(fisher=table)) for table in (lorelei, pd.concat([lorelei, conll]))
    )
    assert (alone.figure, alone.low, alone.high, alone.verdict) == (both.figure, both.low, both.high, both.verdict)
    assert f"On CoNLL, which does not count here, it is {shown:.1f} (".replace("-", "−") in both.detail


def test_training_sentences_widen_the_interval_of_an_overlap():
    table = overlaps("retained", 0.3, 0.6)
    # Without either half of the sentences, the overlap of every layer and pair moves by two points.
    parts = table.assign(overlap_without_0=table["overlap"] - 0.02, overlap_without_1=table["overlap"] + 0.02)
    alone, both = (verdict("fisher-retained", NOTHING.with_tables(fisher=each)) for each in (table, parts))
    assert alone.figure == both.figure == pytest.approx(60)
    seeds = alone.high - 60
    sentences = 12.706 * 2  # a jackknife of two parts: √(1/2 · (2² + 2²)) points, one degree of freedom
    assert both.high - 60 == pytest.approx((seeds**2 + sentences**2) ** 0.5, abs=0.01)
    assert both.low == pytest.approx(60 - (both.high - 60))
    unknown = parts.assign(overlap_without_1=float("nan"))
    assert verdict("fisher-retained", NOTHING.with_tables(fisher=unknown)).high == alone.high


def test_without_curves_and_overlaps_nothing_is_run():
    empty = NOTHING.with_tables(
        pruning=changes({}, PAIRS["pruning-mono-sparser"]), fisher=overlaps("languages", 0, 0, noise=())
    )
    for evidence in (NOTHING, empty):
        for claim in (*PRUNING_CLAIMS, *FISHER_CLAIMS):
            judged = verdict(claim, evidence)
            assert (judged.verdict, judged.figure, judged.paper_figure) == ("not run", None, None)
    only = NOTHING.with_tables(fisher=overlaps("languages", 0.1, 0.2))
    assert verdict("fisher-retained", only).verdict == "not run"
