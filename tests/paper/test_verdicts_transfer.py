"""The claims of §4.2, on results made by hand."""

import numpy as np
import pandas as pd
import pytest

from polyner.corpora.sentence import Corpus
from polyner.paper import Evidence, verdict

COLUMNS = ["model", "regime", "variant", "group", "language", "seed", "split", "f1", "run"]
NOISE = (-0.1, 0.0, 0.1)
TABLE3 = {
    "rus": (43.97, 1.61, 41.55),
    "ben": (76.10, 2.08, 76.63),
    "uzb": (65.39, 14.54, 61.10),
    "yor": (62.66, 29.02, 64.95),
}


def evidence(f1: dict[str, tuple[float, float, float]], noise=NOISE, counts=None) -> Evidence:
    """Held-out results from monolingual, zero-shot and fine-tuned F1 by language, with another noise a seed."""
    rows = []
    for language, scores in f1.items():
        for regime, score in zip(("monolingual", "zero_shot", "fine_tuned"), scores, strict=True):
            for seed, error in enumerate(noise):
                error = error if regime == "monolingual" else -error
                run = f"polyglot-{seed}" if regime == "zero_shot" else f"{regime}-{language}-{seed}"
                rows.append(("byte-crf", regime, "", "heldout", language, seed, "test", score + error, run))
                rows.append(("byte-crf", regime, "", "heldout", language, seed, "dev", 0.0, run))
    corpora = {code: Corpus(code, (), (), (), source="folder") for code in ("amh", "ara", "swa", *f1)}
    return Evidence(pd.DataFrame(rows, columns=COLUMNS), corpora, counts)


@pytest.mark.parametrize(
    ("f1", "noise", "expected"),
    [
        (TABLE3, NOISE, "holds"),
        ({**TABLE3, "yor": (62.66, 1.0, 0), "uzb": (65.39, 1.0, 0)}, NOISE, "does not hold"),  # no use of a script
        ({code: (m, 0.9 * m, f) for code, (m, _, f) in TABLE3.items()}, NOISE, "does not hold"),  # not poor
        (TABLE3, (-30.0, 0.0, 30.0), "undecided"),
        (TABLE3, (-0.1, 0.1), "undecided"),
        ({"yor": TABLE3["yor"]}, NOISE, "undecided"),  # nothing to compare its script with
    ],
)
def test_zero_shot_is_poor_and_better_with_a_shared_script(f1, noise, expected):
    judged = verdict("novel-zero-shot", evidence(f1, noise))
    assert judged.verdict == expected
    zero_shot, monolingual = (sum(scores[i] for scores in f1.values()) for i in (1, 0))
    assert judged.figure == pytest.approx(zero_shot / monolingual)
    assert judged.line == 0.5
    assert ("too few" in judged.detail) == (len(noise) < 3)
    assert "All languages at hand" in judged.detail if len(f1) == 1 else "Sharing a script (uzb yor)" in judged.detail


def test_test_sentences_widen_the_interval_of_zero_shot():
    f1 = {"rus": (50.0, 10.0, 50.0), "yor": (50.0, 20.0, 50.0)}
    plain = evidence(f1, (0.0, 0.0, 0.0))
    generator = np.random.default_rng(0)
    counts = []
    tests = plain.results[plain.results["split"] == "test"]
    for run, language, score in tests[["run", "language", "f1"]].itertuples(index=False):
        found = generator.permutation([1] * int(score) + [0] * (100 - int(score)))
        counts.append(pd.DataFrame({"run": run, "language": language, "correct": found, "predicted": 1, "gold": 1}))
    judged = verdict("novel-zero-shot", plain.with_tables(counts=pd.concat(counts)))
    assert verdict("novel-zero-shot", plain).low == pytest.approx(0.3)
    assert 0.15 < judged.low < 0.25 < 0.35 < judged.high < 0.45
    # 20 of Yoruba's hundred entities are found and 10 of Russian's; the mean over three seeds narrows the interval.
    assert "Sharing a script (yor) is worth +10.00 (+" in judged.detail


def test_a_share_of_f1_is_never_negative():
    f1 = {"rus": (20.0, 0.5, 50.0), "yor": (20.0, 0.5, 50.0)}
    judged = verdict("novel-zero-shot", evidence(f1, (-0.5, 0.0, 0.5)))
    assert judged.figure == pytest.approx(0.025)
    assert judged.low == 0.0
    # The ratios of the seeds are 1 / 19.5, 0.5 / 20 and 0 / 20.5.
    ratios = np.array([1 / 19.5, 0.5 / 20, 0.0])
    half = 6.205 * ratios.std(ddof=1) / np.sqrt(3)  # the t distribution's quantile for two intervals at once
    assert judged.high == pytest.approx(0.025 + half, abs=1e-3)


def test_a_monolingual_f1_of_zero_has_no_share():
    judged = verdict("novel-zero-shot", evidence({"rus": (0.0, 0.0, 0.0), "yor": (0.0, 0.0, 0.0)}))
    assert (judged.verdict, judged.figure, judged.low) == ("undecided", None, None)


@pytest.mark.parametrize(
    ("gains", "noise", "expected", "figure"),
    [
        ({"rus": -2.0, "ben": 0.5, "uzb": -4.0, "yor": 3.0}, NOISE, "holds", 3.0),
        ({"rus": -2.0, "yor": 3.0}, NOISE, "holds", 2.0),
        ({"rus": 2.0, "ben": 1.0, "uzb": 4.0, "yor": 3.0}, NOISE, "does not hold", -1.0),  # all gain
        ({"rus": -2.0, "ben": -5.0, "uzb": -4.0, "yor": 3.0}, NOISE, "does not hold", 3.0),  # Bengali loses
        ({"rus": -2.0, "ben": 0.5, "uzb": -4.0, "yor": 0.4}, (-2.0, 0.0, 2.0), "undecided", 0.5),
        ({"rus": -2.0, "ben": 0.5, "uzb": -4.0, "yor": 3.0}, (0.0,), "undecided", 3.0),
    ],
)
def test_fine_tuning_is_mixed(gains, noise, expected, figure):
    f1 = {language: (50.0, 10.0, 50.0 + gain) for language, gain in gains.items()}
    judged = verdict("novel-finetune", evidence(f1, noise))
    assert (judged.verdict, judged.figure, judged.line) == (expected, pytest.approx(figure), 0.0)
    assert ("other side" in judged.detail) == (expected == "does not hold")


def test_one_language_cannot_be_mixed():
    assert verdict("novel-finetune", evidence({"rus": (50.0, 10.0, 40.0)})).verdict == "not run"


def test_four_languages_cannot_decide_a_correlation():
    judged = verdict("novel-zero-shot-no-guide", evidence(TABLE3))
    assert (judged.verdict, judged.figure, judged.low) == ("undecided", pytest.approx(0.4), None)
    assert "below 2/24" in judged.detail


@pytest.mark.parametrize("languages", [1, 2, 3])
def test_fewer_languages_have_no_correlation(languages):
    judged = verdict("novel-zero-shot-no-guide", evidence(dict(list(TABLE3.items())[:languages])))
    assert (judged.verdict, judged.figure, judged.paper_figure) == ("not run", None, None)
    assert judged.detail.endswith(f"on 4 held-out languages, not {languages}")


def test_languages_count_not_models():
    one = evidence(TABLE3)
    other = one.results.assign(model="char-crf", run="char-" + one.results["run"])
    both = one.with_tables(results=pd.concat([one.results, other], ignore_index=True))
    judged = verdict("novel-zero-shot-no-guide", both)
    assert (judged.verdict, judged.figure) == ("undecided", pytest.approx(0.4))
    assert "Of 4 languages" in judged.detail


@pytest.mark.parametrize(
    ("direction", "noise", "expected"),
    [(-1, NOISE, "holds"), (1, NOISE, "does not hold"), (0, NOISE, "undecided"), (-1, (0.0, 0.1), "undecided")],
)
def test_more_languages_could(direction, noise, expected):
    # Zero-shot F1 rises from language to language; the gains rise, fall, or do neither.
    gains = [direction * i if direction else 1.0 * ((3 * i) % 8) for i in range(8)]
    f1 = {f"x{i:02}": (50.0, 10.0 + i, 50.0 + gain) for i, gain in enumerate(gains)}
    judged = verdict("novel-zero-shot-no-guide", evidence(f1, noise))
    assert judged.verdict == expected
    assert "8 languages" in judged.detail
    assert judged.low <= judged.figure <= judged.high


def test_the_papers_figures_are_those_of_table_3():
    shares = {"rus": (40.0, 2.0, 41.0), "yor": (60.0, 30.0, 65.0)}
    judged = verdict("novel-zero-shot", evidence(shares))
    assert judged.paper_figure == pytest.approx((1.61 + 29.02) / (43.97 + 62.66))
    nothing = Evidence(pd.DataFrame(columns=COLUMNS), {})
    assert verdict("novel-zero-shot", nothing).paper_figure == pytest.approx(47.25 / 248.12)
    assert verdict("novel-finetune", nothing).paper_figure == pytest.approx(2.29)
    assert verdict("novel-zero-shot-no-guide", nothing).paper_figure == pytest.approx(0.4)


def test_held_out_languages_are_no_part_of_table_1():
    assert verdict("finetune-beats-mono", evidence(TABLE3)).verdict == "not run"
    assert verdict("finetune-beats-mono", evidence(TABLE3)).paper_figure == pytest.approx(0.01)
