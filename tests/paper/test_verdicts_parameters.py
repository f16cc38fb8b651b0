"""The claims of §5.2 and §5.3, on curves and overlaps made by hand."""

import pandas as pd
import pytest

from polyner.paper import Evidence, verdict

NOTHING = Evidence(
    pd.DataFrame(columns=["model", "regime", "variant", "group", "language", "seed", "split", "f1", "run"]), {}
)
PRUNING_CLAIMS = ("pruning-mono-sparser", "pruning-polyglot-efficient", "pruning-finetune-denser")
FISHER_CLAIMS = ("fisher-shared-quarter", "fisher-unique-top", "fisher-retained", "fisher-top-shifts")
STEPS = [round(0.05 * i, 2) for i in range(21)]
LANGUAGES = {"conll": ("eng", "deu", "spa", "nld"), "lorelei": ("amh", "hin")}


def curves(last: dict[str, float], noise=(-0.05, 0.0, 0.05), groups=("conll",)) -> pd.DataFrame:
    """Curves that are level up to the last share that can be pruned, by regime, and drop to nothing behind it.

    The noise of the seeds is in that share, with the opposite sign for the polyglot models.
    """
    rows = []
    for regime, share in last.items():
        for group in groups:
            for language in LANGUAGES[group]:
                for seed, error in enumerate(noise):
                    end = share + (-error if regime == "polyglot" else error)
                    run = f"{regime}-{group if regime == 'polyglot' else language}-{seed}"
                    key = ("byte-crf", regime, group, language, seed, run, "global", "magnitude")
                    rows += [(*key, step, 80.0 if step <= end + 1e-9 else 0.0, 1000) for step in STEPS]
    columns = ["model", "regime", "group", "language", "seed", "run", "scope", "order", "share", "f1", "weights"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("polyglot", "noise", "expected"),
    [
        (0.3, (-0.05, 0.0, 0.05), "holds"),
        (0.9, (-0.05, 0.0, 0.05), "does not hold"),
        (0.5, (-0.2, 0.0, 0.2), "undecided"),
        (0.3, (0.0, 0.05), "undecided"),
    ],
)
def test_monolingual_models_are_sparser(polyglot, noise, expected):
    table = curves({"monolingual": 0.6, "polyglot": polyglot}, noise)
    judged = verdict("pruning-mono-sparser", NOTHING.with_tables(pruning=table))
    assert judged.verdict == expected
    assert judged.figure == pytest.approx(60 - 100 * polyglot + 200 * sum(noise) / len(noise))
    assert (judged.low is None) == (len(noise) < 3)
    assert "conll: deu eng nld spa" in judged.detail


def test_thresholds_are_averaged_over_groups_not_languages():
    conll = curves({"monolingual": 0.6, "polyglot": 0.2})
    lorelei = curves({"monolingual": 0.6, "polyglot": 0.4}, groups=["lorelei"])
    both = NOTHING.with_tables(pruning=pd.concat([conll, lorelei]))
    assert verdict("pruning-mono-sparser", both).figure == pytest.approx((40 + 20) / 2)


@pytest.mark.parametrize(
    ("tuned", "noise", "expected"),
    [(0.3, (0.0, 0.0, 0.0), "holds"), (0.9, (0.0, 0.0, 0.0), "does not hold"), (0.3, (0.0,), "undecided")],
)
def test_fine_tuned_models_stay_denser(tuned, noise, expected):
    table = curves({"monolingual": 0.6, "polyglot": 0.1, "fine_tuned": tuned}, noise)
    judged = verdict("pruning-finetune-denser", NOTHING.with_tables(pruning=table))
    assert (judged.verdict, judged.figure) == (expected, pytest.approx(100 * tuned - 60))


@pytest.mark.parametrize(
    ("last", "noise", "expected", "ratio"),
    [
        # The paper's sentence: 60 % of one model against 50 % of each of four.
        ({"polyglot": 0.4, "monolingual": 0.5}, (0.0, 0.0, 0.0), "holds", 0.3),
        ({"polyglot": 0.0, "monolingual": 0.6}, (0.0, 0.0, 0.0), "does not hold", 0.625),
        ({"polyglot": 0.2, "monolingual": 0.6}, (-0.1, 0.0, 0.1), "undecided", None),
        ({"polyglot": 0.4, "monolingual": 0.5}, (0.0, 0.0), "undecided", 0.3),
    ],
)
def test_the_polyglot_model_is_efficient(last, noise, expected, ratio):
    judged = verdict("pruning-polyglot-efficient", NOTHING.with_tables(pruning=curves(last, noise)))
    assert judged.verdict == expected
    assert ratio is None or judged.figure == pytest.approx(ratio)
    assert "One model for 4 languages" in judged.detail
    assert "+0.00 F1" in judged.detail


def test_other_ways_to_prune_and_other_groups_do_not_count():
    table = curves({"polyglot": 0.4, "monolingual": 0.5})
    for other in ({"order": "random"}, {"scope": "layer"}):
        away = NOTHING.with_tables(pruning=table.assign(**other))
        assert [verdict(claim, away).verdict for claim in PRUNING_CLAIMS] == ["not run"] * 3
    lorelei = NOTHING.with_tables(pruning=curves({"polyglot": 0.4, "monolingual": 0.5}, groups=["lorelei"]))
    assert verdict("pruning-polyglot-efficient", lorelei).verdict == "not run"
    assert verdict("pruning-mono-sparser", lorelei).verdict != "not run"


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
        ("fisher-shared-quarter", "languages", 0.1, 0.20, (-0.01, 0.0, 0.01), "does not hold", 20),
        ("fisher-shared-quarter", "languages", 0.1, 0.26, (-0.05, 0.0, 0.05), "undecided", 26),
        ("fisher-shared-quarter", "languages", 0.1, 0.40, (0.0, 0.0), "undecided", 40),
        ("fisher-unique-top", "languages", 0.2, 0.40, (-0.01, 0.0, 0.01), "holds", 20),
        ("fisher-unique-top", "languages", 0.45, 0.40, (-0.01, 0.0, 0.01), "does not hold", 45),  # more than of 25 %
        ("fisher-unique-top", "languages", 0.6, 0.70, (-0.01, 0.0, 0.01), "does not hold", 60),  # more than half
        ("fisher-unique-top", "languages", 0.45, 0.70, (-0.1, 0.0, 0.1), "undecided", 45),
        ("fisher-unique-top", "languages", 0.2, 0.40, (0.0,), "undecided", 20),
        ("fisher-retained", "retained", 0.3, 0.60, (-0.01, 0.0, 0.01), "holds", 60),
        ("fisher-retained", "retained", 0.3, 0.40, (-0.01, 0.0, 0.01), "does not hold", 40),
        ("fisher-retained", "retained", 0.3, 0.51, (-0.05, 0.0, 0.05), "undecided", 51),
        ("fisher-top-shifts", "retained", 0.3, 0.55, (-0.01, 0.0, 0.01), "holds", -25),
        ("fisher-top-shifts", "retained", 0.6, 0.55, (-0.01, 0.0, 0.01), "does not hold", 5),
        ("fisher-top-shifts", "retained", 0.3, 0.55, (0.0, 0.0), "undecided", -25),
    ],
)
def test_overlaps_of_important_weights(claim, comparison, top, quarter, noise, expected, figure):
    other = overlaps("retained" if comparison == "languages" else "languages", 0.99, 0.99, noise)
    judged = verdict(claim, NOTHING.with_tables(fisher=pd.concat([overlaps(comparison, top, quarter, noise), other])))
    assert (judged.verdict, judged.figure) == (expected, pytest.approx(figure))
    assert "2 LSTM layers, lorelei: amh hin" in judged.detail


def test_an_overlap_of_the_top_can_be_smaller_by_chance_alone():
    # (24 - 5) / 95 = 20 % and (40 - 25) / 75 = 20 %: as far beyond chance.
    judged = verdict("fisher-unique-top", NOTHING.with_tables(fisher=overlaps("languages", 0.24, 0.40)))
    assert "Corrected for chance, 20.0 % of the top 5 % and 20.0 % of the top 25 %." in judged.detail


def test_groups_count_alike():
    lorelei, conll = overlaps("languages", 0.2, 0.4), overlaps("languages", 0.2, 0.5, group="conll")
    judged = verdict("fisher-shared-quarter", NOTHING.with_tables(fisher=pd.concat([lorelei, conll])))
    assert judged.figure == pytest.approx(45)
    assert "conll: deu eng; lorelei: amh hin" in judged.detail


def test_without_curves_and_overlaps_nothing_is_run():
    empty = NOTHING.with_tables(pruning=curves({}), fisher=overlaps("languages", 0, 0, noise=()))
    for evidence in (NOTHING, empty):
        for claim in (*PRUNING_CLAIMS, *FISHER_CLAIMS):
            judged = verdict(claim, evidence)
            assert (judged.verdict, judged.figure, judged.paper_figure) == ("not run", None, None)
    only = NOTHING.with_tables(pruning=curves({"monolingual": 0.5}), fisher=overlaps("languages", 0.1, 0.2))
    assert verdict("pruning-mono-sparser", only).verdict == verdict("fisher-retained", only).verdict == "not run"
