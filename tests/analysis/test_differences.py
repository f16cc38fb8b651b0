import numpy as np
import pandas as pd
import pytest

from polyner.analysis.differences import Comparison

MONOLINGUAL, POLYGLOT = {"regime": "monolingual"}, {"regime": "polyglot"}


def results(scores: dict[tuple[str, str, str], list[float]]) -> pd.DataFrame:
    """Test scores by (regime, group, language), one a seed."""
    rows = [
        ("byte-crf", regime, "", group, language, seed, "test", f1, f"{regime}-{language}-{seed}")
        for (regime, group, language), values in scores.items()
        for seed, f1 in enumerate(values)
    ]
    columns = ["model", "regime", "variant", "group", "language", "seed", "split", "f1", "run"]
    return pd.DataFrame(rows, columns=columns)


def test_average_is_over_languages_first_and_groups_second():
    comparison = Comparison(
        results(
            {
                ("monolingual", "conll", "eng"): [80.0],
                ("polyglot", "conll", "eng"): [82.0],
                ("monolingual", "lorelei", "amh"): [50.0],
                ("polyglot", "lorelei", "amh"): [51.0],
                ("monolingual", "lorelei", "hin"): [60.0],
                ("polyglot", "lorelei", "hin"): [57.0],
            }
        ),
        MONOLINGUAL,
        POLYGLOT,
    )
    average = comparison.mean()
    assert average.figure == pytest.approx((2 + (1 - 3) / 2) / 2)
    assert average.seeds == 1
    assert np.isnan(average.low)
    table = comparison.table().set_index("language")
    assert table["difference"].to_dict() == pytest.approx({"eng": 2, "amh": 1, "hin": -3})


def test_seeds_are_paired_and_give_an_interval_from_three_on():
    comparison = Comparison(
        results({("monolingual", "conll", "eng"): [80, 90, 70], ("polyglot", "conll", "eng"): [81, 92, 73]}),
        MONOLINGUAL,
        POLYGLOT,
    )
    average = comparison.mean()
    assert (average.figure, average.seeds) == (2, 3)
    assert average.high == pytest.approx(2 + 4.303 / np.sqrt(3), abs=1e-3)  # differences 1, 2, 3


def test_only_seeds_that_every_cell_has_are_used_where_there_are_enough():
    comparison = Comparison(
        results({("monolingual", "conll", "eng"): [80, 80, 80, 0], ("polyglot", "conll", "eng"): [81, 81, 81]}),
        MONOLINGUAL,
        POLYGLOT,
    )
    assert comparison.seeds == [0, 1, 2]
    assert comparison.mean().figure == pytest.approx(1)


def test_different_seeds_still_give_a_figure():
    table = results({("monolingual", "conll", "eng"): [80], ("polyglot", "conll", "eng"): [83]})
    table.loc[table["regime"] == "polyglot", "seed"] = 4
    comparison = Comparison(table, MONOLINGUAL, POLYGLOT)
    assert (comparison.mean().figure, comparison.mean().seeds) == (3, 0)


def test_cells_missing_on_one_side_are_left_out():
    comparison = Comparison(results({("monolingual", "conll", "eng"): [80]}), MONOLINGUAL, POLYGLOT)
    assert comparison.cells.empty
    assert comparison.table().empty
    with pytest.raises(ValueError, match="nothing to compare"):
        comparison.mean()


def test_the_same_run_twice_is_refused():
    table = results({("monolingual", "conll", "eng"): [80], ("polyglot", "conll", "eng"): [81]})
    with pytest.raises(ValueError, match="more than one run of the same cell: byte-crf, , conll, eng, 0"):
        Comparison(pd.concat([table, table]), MONOLINGUAL, POLYGLOT)


def test_sentences_give_an_interval_for_a_single_seed():
    table = results({("monolingual", "conll", "eng"): [100 / 1.5], ("polyglot", "conll", "eng"): [100.0]})
    gold = {"language": "eng", "gold": 1}
    counts = pd.DataFrame(
        [
            {"run": "monolingual-eng-0", "correct": 0, "predicted": 0, **gold},
            {"run": "monolingual-eng-0", "correct": 1, "predicted": 1, **gold},
            {"run": "polyglot-eng-0", "correct": 1, "predicted": 1, **gold},
            {"run": "polyglot-eng-0", "correct": 1, "predicted": 1, **gold},
        ]
    )
    comparison = Comparison(table, MONOLINGUAL, POLYGLOT)
    average = comparison.mean(counts)
    assert average.over_seeds is None
    assert (average.low, average.high) == (0, 100)
    assert comparison.table(counts)[["low", "high"]].to_numpy().tolist() == [[0, 100]]
    assert comparison.mean(counts[counts["run"] != "polyglot-eng-0"]).over_sentences is None
    with pytest.raises(ValueError, match=r"polyglot-eng-0 give F1 66\.67, the results say 100\.00"):
        comparison.mean(counts.assign(correct=[0, 1, 1, 0], predicted=[0, 1, 1, 0]))


def test_a_share_is_the_ratio_of_the_averages_of_each_seed_and_resample():
    scores = {("monolingual", "conll", "eng"): [80, 80, 80], ("polyglot", "conll", "eng"): [20, 40, 60]}
    scores |= {("monolingual", "conll", "deu"): [40, 40, 40], ("polyglot", "conll", "deu"): [10, 20, 30]}
    share = Comparison(results(scores), MONOLINGUAL, POLYGLOT).share()
    assert share.figure == pytest.approx(60 / 120)
    # The seeds have a quarter, a half and three quarters.
    assert share.high - share.figure == pytest.approx(4.303 * 0.25 / np.sqrt(3), abs=1e-3)
    assert share.over_sentences is None


def test_a_share_is_resampled_as_a_ratio():
    table = results({("monolingual", "conll", "eng"): [50.0], ("polyglot", "conll", "eng"): [50.0]})
    found = np.array([1, 0] * 50)
    counts = pd.concat(
        pd.DataFrame({"run": run, "language": "eng", "correct": found, "predicted": 1, "gold": 1})
        for run in ("monolingual-eng-0", "polyglot-eng-0")
    )
    same = Comparison(table, MONOLINGUAL, POLYGLOT).share(counts)
    assert (same.figure, same.low, same.high) == (1, 1, 1)  # a ratio of the same on every resample


def test_there_is_no_share_of_nothing():
    table = results({("monolingual", "conll", "eng"): [0.0], ("polyglot", "conll", "eng"): [10.0]})
    assert np.isnan(Comparison(table, MONOLINGUAL, POLYGLOT).share().figure)
