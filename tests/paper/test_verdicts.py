import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from polyner.corpora.sentence import Corpus, Sentence
from polyner.paper import Evidence, Verdict, claim, claims, verdict, verdict_table, verdicts

COLUMNS = ["model", "regime", "variant", "group", "language", "seed", "split", "f1", "run"]
GROUP = {"eng": "conll", "deu": "conll", "amh": "lorelei", "hin": "lorelei"}


def results(
    f1: dict[tuple[str, str], float],
    noise=(-0.1, 0.0, 0.1),
    languages=tuple(GROUP),
    shift: dict[str, float] | None = None,
) -> pd.DataFrame:
    """Test scores by (model, regime or regime:variant), the same for every language, with a different noise a seed."""
    rows = []
    for (model, kind), score in f1.items():
        regime, _, variant = kind.partition(":")
        for language in languages:
            for seed, error in enumerate(noise):
                moved = score + (shift or {}).get(language, 0) * (regime == "fine_tuned")
                error = error if regime == "monolingual" else -error
                run = f"{model}-{kind}-{language}-{seed}"
                rows.append((model, regime, variant, GROUP[language], language, seed, "test", moved + error, run))
    return pd.DataFrame(rows, columns=COLUMNS)


def corpus(language: str, tags: str, source: str = "folder") -> Corpus:
    """A corpus whose training sentences are one word each, with these tags' types."""
    train = tuple(Sentence((f"w{i}",), (f"B-{tag}",)) for i, tag in enumerate(tags.split()))
    return Corpus(language, train, (), (), source=source)


REAL = {"eng": corpus("eng", "PER")}


def test_there_are_21_claims_with_distinct_ids():
    assert len({known.id for known in claims()}) == 21
    assert claim("novel-zero-shot").section == "4.2"
    assert all(known.claim.endswith(".") for known in claims())
    with pytest.raises(ValueError, match="unknown claim 'no-such'"):
        claim("no-such")


@pytest.mark.parametrize(
    ("polyglot", "noise", "expected"),
    [
        (78.0, (-0.1, 0.0, 0.1), "holds"),
        (82.0, (-0.1, 0.0, 0.1), "does not hold"),
        (79.9, (-5.0, 0.0, 5.0), "undecided"),  # the interval crosses zero
        (78.0, (-0.1, 0.1), "undecided"),  # two seeds
        (78.0, (0.0,), "undecided"),
    ],
)
def test_polyglot_worse(polyglot, noise, expected):
    table = results({("byte-crf", "monolingual"): 80.0, ("byte-crf", "polyglot"): polyglot}, noise)
    judged = verdict("baselines-polyglot-worse", Evidence(table, REAL, profile="laptop"))
    assert judged.verdict == expected
    assert judged.figure == pytest.approx(polyglot - 80.0)
    assert (judged.low is None) == (len(noise) < 3)
    assert (judged.corpora, judged.profile, judged.sample) == ("folder", "laptop", False)
    assert ("too few" in judged.detail) == (len(noise) < 3)


def test_byte_to_span_is_judged_on_its_own():
    table = results(
        {
            ("byte-crf", "monolingual"): 80.0,
            ("byte-crf", "polyglot"): 79.0,
            ("byte-to-span", "monolingual"): 60.0,
            ("byte-to-span", "polyglot"): 65.0,
        }
    )
    by_id = {judged.claim.id: judged for judged in verdicts(Evidence(table, REAL))}
    assert by_id["baselines-polyglot-worse"].figure == pytest.approx(-1)
    assert (by_id["baselines-bts-gains"].verdict, by_id["baselines-bts-gains"].figure) == ("holds", pytest.approx(5))
    # Monolingual 80 - 60, polyglot 79 - 65.
    assert by_id["baselines-crf-beats-bts"].figure == pytest.approx((20 + 14) / 2)
    assert by_id["baselines-crf-beats-bts"].verdict == "holds"


@pytest.mark.parametrize(
    ("change", "noise", "expected"),
    [
        (0.2, (-0.001, 0.0, 0.001), "holds"),
        (-0.9, (-0.001, 0.0, 0.001), "does not hold"),
        (0.4, (-1.0, 0.0, 1.0), "undecided"),
        (0.2, (0.0,), "undecided"),
    ],
)
def test_transitions_change_little(change, noise, expected):
    table = results(
        {("byte-crf", "polyglot"): 70.0, ("byte-crf", "polyglot:language_transitions"): 70.0 + change}, noise
    )
    other = table["variant"] != ""
    table.loc[other, "f1"] -= 2 * (table.loc[other, "f1"] - 70.0 - change)  # noise of the opposite sign
    judged = verdict("baselines-transitions", Evidence(table, REAL))
    assert judged.verdict == expected
    assert judged.figure == pytest.approx(abs(change))
    assert (judged.line, judged.paper_figure) == (0.5, None)
    assert "0.5 F1" in judged.claim.paper


def test_finetuning_must_gain_nearly_everywhere():
    f1 = {("byte-crf", "monolingual"): 70.0, ("byte-crf", "fine_tuned"): 71.0}
    everywhere = verdict("finetune-beats-mono", Evidence(results(f1), REAL))
    assert everywhere.verdict == "holds"
    assert everywhere.detail.startswith("4 of 4 languages")
    half = verdict("finetune-beats-mono", Evidence(results(f1, shift={"eng": -1.5, "deu": -1.5, "amh": 9}), REAL))
    assert half.figure > 0
    assert half.verdict == "undecided"
    assert half.detail.startswith("2 of 4 languages")


def test_other_variants_do_not_count_as_fine_tuning():
    table = results({("byte-crf", "monolingual"): 70.0, ("byte-crf", "fine_tuned:reset_optimizer"): 75.0})
    assert verdict("finetune-beats-mono", Evidence(table, REAL)).verdict == "not run"


def test_label_shift_compares_the_groups():
    apart = {"eng": corpus("eng", "PER " * 30), "deu": corpus("deu", "LOC " * 30)}
    alike = {"amh": corpus("amh", "PER LOC " * 30), "hin": corpus("hin", "PER LOC " * 30)}
    judged = verdict("baselines-label-shift", Evidence(results({}), apart | alike))
    assert judged.verdict == "holds"
    assert judged.figure == pytest.approx(1.0)
    assert 0.9 < judged.low <= judged.figure <= judged.high < 1.1
    renamed = {"eng": "amh", "deu": "hin", "amh": "eng", "hin": "deu"}
    swapped = {renamed[code]: Corpus(renamed[code], found.train, (), ()) for code, found in (apart | alike).items()}
    assert verdict("baselines-label-shift", Evidence(results({}), swapped)).verdict == "does not hold"
    assert verdict("baselines-label-shift", Evidence(results({}), apart)).verdict == "not run"


def test_sentences_can_undo_what_seeds_decide():
    table = results({("byte-crf", "monolingual"): 0.0, ("byte-crf", "polyglot"): 0.0}, languages=("eng", "deu"))
    generator = np.random.default_rng(0)
    counts = []
    # Of 100 entities in as many sentences each run finds 50 or 49, but never the same ones.
    for row, (run, language, regime) in enumerate(table[["run", "language", "regime"]].itertuples(index=False)):
        right = 50 if regime == "monolingual" else 49
        found = generator.permutation([1] * right + [0] * (100 - right))
        counts.append(pd.DataFrame({"run": run, "language": language, "correct": found, "predicted": 1, "gold": 1}))
        table.loc[row, "f1"] = float(right)
    assert verdict("baselines-polyglot-worse", Evidence(table, REAL)).verdict == "holds"
    judged = verdict("baselines-polyglot-worse", Evidence(table, REAL, pd.concat(counts)))
    assert judged.verdict == "undecided"
    assert judged.low < -2 < 0 < judged.high


def test_sample_corpora_are_no_evidence():
    table = results({("byte-crf", "monolingual"): 80.0, ("byte-crf", "polyglot"): 78.0})
    judged = verdict("baselines-polyglot-worse", Evidence(table, {"eng": corpus("eng", "PER", source="sample")}))
    assert judged.verdict == "holds"
    assert judged.sample
    assert judged.label == "holds (sample corpora: no evidence)"


def test_without_results_nothing_is_run():
    judged = verdicts(Evidence(results({}), {}))
    assert [each.claim for each in judged] == list(claims())
    assert {each.verdict for each in judged} == {"not run"}
    assert {each.label for each in judged} == {"not run"}
    assert all(each.detail for each in judged)


def test_the_papers_own_figures_come_from_its_table():
    by_id = {each.claim.id: each.paper_figure for each in verdicts(Evidence(results({}), {}))}
    assert by_id["finetune-beats-mono"] == pytest.approx(1.767, abs=1e-3)
    assert by_id["baselines-polyglot-worse"] < 0 < by_id["baselines-bts-gains"] < by_id["baselines-crf-beats-bts"]
    assert by_id["baselines-label-shift"] is None


def test_table_of_verdicts():
    table = verdict_table(verdicts(Evidence(results({}), {}), ["finetune-beats-mono", "baselines-label-shift"]))
    assert table["id"].tolist() == ["finetune-beats-mono", "baselines-label-shift"]
    assert table["figure"].isna().all()
    assert verdict_table([]).empty


def test_results_without_a_column_are_refused():
    with pytest.raises(ValueError, match="table of results lacks run"):
        Evidence(results({}).drop(columns="run"), {})
    with pytest.raises(ValueError, match="table of span counts lacks gold"):
        Evidence(results({}), {}, pd.DataFrame(columns=["run", "language", "correct", "predicted"]))


def test_a_verdict_is_one_of_four():
    with pytest.raises(ValueError, match="unknown verdict 'maybe'"):
        Verdict(claims()[0], "maybe")


def test_reading_the_paper_loads_no_torch_and_no_charts():
    program = "import sys, polyner.paper; print([m for m in ('torch', 'altair') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("dropout", "decay", "expected", "best"),
    [
        (78.0, 79.0, "holds", "weight decay"),
        (82.0, 78.0, "does not hold", "more dropout"),
        (80.0, 78.0, "undecided", "more dropout"),
    ],
)
def test_the_best_of_several_regularisations_is_judged(dropout, decay, expected, best):
    table = results(
        {
            ("byte-crf", "monolingual"): 80.0,
            ("byte-crf", "monolingual:more_dropout"): dropout,
            ("byte-crf", "monolingual:weight_decay"): decay,
        }
    )
    noisy = table["seed"].map({0: -0.2, 1: 0.0, 2: 0.2}).where(table["variant"] != "", 0.0)
    judged = verdict("finetune-not-regularisation", Evidence(table.assign(f1=table["f1"] + noisy), REAL))
    assert judged.verdict == expected
    assert best in judged.detail
    assert judged.figure == pytest.approx(max(dropout, decay) - 80.0)
    alone = verdict("finetune-not-regularisation", Evidence(table[table["variant"] == ""], REAL))
    assert (alone.verdict, alone.figure) == ("not run", None)
