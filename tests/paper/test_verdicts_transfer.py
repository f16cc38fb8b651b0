"""The claims of §4.2, on results made by hand."""

import numpy as np
import pandas as pd
import pytest

from tests.paper import made
from tests.paper.made import COLUMNS, NOISE

TABLE3 = {
    "rus": (43.97, 1.61, 41.55),
    "ben": (76.10, 2.08, 76.63),
    "uzb": (65.39, 14.54, 61.10),
    "yor": (62.66, 29.02, 64.95),
}
# Six languages in Latin script, as Swahili of the polyglot model has, and six in others.
TWELVE = ["yor", "tur", "pol", "fin", "est", "vie", "rus", "ben", "kat", "ell", "tam", "heb"]


def verdict(claim: str, f1: dict[str, tuple[float, float, float]], noise=NOISE, groups=None, **fields):
    """On held-out results from monolingual, zero-shot and fine-tuned F1 by language, with another noise a seed."""
    rows = []
    for language, scores in f1.items():
        for regime, score in zip(("monolingual", "zero_shot", "fine_tuned"), scores, strict=True):
            for seed, error in enumerate(noise):
                run = f"polyglot-{seed}" if regime == "zero_shot" else f"{regime}-{language}-{seed}"
                rows.append(("byte-crf", regime, "", "heldout", language, seed, "test", score + error, run))
    rows += [
        ("byte-crf", "polyglot", "", "lorelei", "swa", seed, "test", 60.0, f"polyglot-{seed}") for seed in range(3)
    ]
    return made.judged(claim, pd.DataFrame(rows, columns=COLUMNS), groups=groups, **fields)


@pytest.mark.parametrize(
    ("f1", "noise", "expected"),
    [
        (TABLE3, NOISE, "holds"),
        ({code: (m, 0.9 * m, f) for code, (m, _, f) in TABLE3.items()}, NOISE, "does not hold"),
        (dict.fromkeys(TABLE3, (50.0, 24.5, 50.0)), (-4.0, 0.0, 4.0), "undecided"),
        (TABLE3, (0.0,), "undecided"),
    ],
)
def test_zero_shot_is_poor(f1, noise, expected):
    judged = verdict("novel-zero-shot-poor", f1, noise)
    assert judged.verdict == expected
    (part,) = judged.parts
    zero_shot, monolingual = (sum(scores[i] for scores in f1.values()) for i in (1, 0))
    assert part.figure == pytest.approx(zero_shot / monolingual)
    assert part.paper == pytest.approx((1.61 + 2.08 + 14.54 + 29.02) / (43.97 + 76.10 + 65.39 + 62.66))
    assert (part.line, part.seeds, len(part.languages)) == (0.5, len(noise), 4)


def test_zero_shot_is_held_against_what_needs_no_transfer():
    near = pd.DataFrame({"group": "heldout", "language": [*TABLE3], "one_name": [10.0, 20.0, 30.0, 40.0]})
    judged = verdict("novel-zero-shot-poor", dict.fromkeys(TABLE3, (50.0, 10.0, 50.0)), tables={"relatedness": near})
    (part,) = judged.parts
    assert (judged.verdict, part.null) == ("holds", pytest.approx(0.5))
    assert not part.by_chance  # at the line, not below it
    (part,) = verdict("novel-zero-shot-poor", TABLE3, tables={"relatedness": near[1:]}).parts
    assert part.null is None
    near["one_name"] /= 2
    (part,) = verdict("novel-zero-shot-poor", TABLE3, tables={"relatedness": near}).parts
    assert part.by_chance


@pytest.mark.parametrize(("better", "expected"), [(10.0, "holds"), (-10.0, "does not hold"), (0.0, "undecided")])
def test_scripts_are_compared_over_languages(better, expected):
    f1 = {code: (50.0, 20.0 + i % 3 + better * (i < 6), 50.0) for i, code in enumerate(TWELVE)}
    near = pd.DataFrame({"group": "heldout", "language": TWELVE, "shared_script": [0.5] * 6 + [0.0] * 6})
    assert verdict("novel-zero-shot-script", f1, tables={"relatedness": near[1:]}).verdict == "not run"
    judged = verdict("novel-zero-shot-script", f1, tables={"relatedness": near})
    assert judged.verdict == expected
    assert judged.parts[0].figure == pytest.approx(better, abs=0.1)
    assert judged.parts[0].what == "zero-shot F1 with a shared script (6) − without (6)"


@pytest.mark.parametrize("claim", ["novel-zero-shot-script", "novel-zero-shot-no-guide"])
def test_few_languages_are_no_sample_of_languages(claim):
    judged = verdict(claim, TABLE3)
    assert (judged.verdict, judged.parts) == ("not testable here", ())
    assert judged.reason.startswith("4 novel languages")


@pytest.mark.parametrize(
    ("gains", "noise", "expected"),
    [
        ({"rus": -2.0, "ben": 0.5, "uzb": -4.0, "yor": 3.0}, NOISE, "holds"),
        ({"rus": 2.0, "ben": 1.0, "uzb": 4.0, "yor": 3.0}, NOISE, "does not hold"),  # all gain
        ({"rus": -2.0, "ben": 0.5, "uzb": -4.0, "yor": 0.4}, (-3.0, 0.0, 3.0), "undecided"),
        ({"rus": -2.0, "ben": 0.5, "uzb": -4.0, "yor": 3.0}, (0.0,), "undecided"),
    ],
)
def test_fine_tuning_is_mixed(gains, noise, expected):
    judged = verdict("novel-finetune", {code: (50.0, 10.0, 50.0 + gain) for code, gain in gains.items()}, noise)
    assert judged.verdict == expected
    assert [part.figure for part in judged.parts] == pytest.approx(list(gains.values()))
    assert judged.parts[0].what == "fine-tuned − monolingual, Russian"
    assert judged.parts[0].paper == pytest.approx(41.55 - 43.97)
    assert ("Cochran's Q" in judged.note) == (len(noise) > 1)
    if expected == "holds":
        assert [part.verdict for part in judged.parts] == ["loses", "gains", "loses", "gains"]


def test_one_language_cannot_be_mixed():
    assert verdict("novel-finetune", {"rus": (50.0, 10.0, 40.0)}).verdict == "not run"


@pytest.mark.parametrize(("direction", "expected"), [(-1, "holds"), (1, "does not hold"), (0, "undecided")])
def test_zero_shot_f1_ranks_the_gains_or_does_not(direction, expected):
    # Zero-shot F1 rises from language to language; the gains rise, fall, or do neither.
    gains = [direction * i if direction else float((5 * i) % 12) for i in range(12)]
    f1 = {code: (50.0, 10.0 + i, 50.0 + gains[i]) for i, code in enumerate(TWELVE)}
    judged = verdict("novel-zero-shot-no-guide", f1)
    assert judged.verdict == expected
    (part,) = judged.parts
    assert part.low <= part.figure <= part.high
    assert len(part.languages) == 12


def test_held_out_languages_are_no_part_of_table_1():
    assert verdict("finetune-beats-mono", TABLE3).verdict == "not run"


def test_a_monolingual_f1_of_zero_has_no_share():
    judged = verdict("novel-zero-shot-poor", {"rus": (0.0, 0.0, 0.0), "yor": (0.0, 0.0, 0.0)}, np.zeros(3))
    assert judged.verdict == "not testable here"
