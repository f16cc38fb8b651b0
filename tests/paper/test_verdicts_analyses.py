"""The claims of §5, on figures made by hand."""

from dataclasses import replace

import pandas as pd
import pytest

from polyner.findings.overlaps import OverlapFigure, overlap_table
from tests.paper import made
from tests.paper.made import estimate

GROUPS = ("conll", "lorelei")


def judged(claim: str, **estimates):
    return made.judged(claim, estimates=estimates)


@pytest.mark.parametrize(
    ("up", "back", "seeds", "expected"),
    [
        (1.0, -1.0, 3, "holds"),
        (1.0, 0.05, 3, "undecided"),
        (-1.0, -1.0, 3, "does not hold"),
        (1.0, -1.0, 1, "undecided"),
    ],
)
def test_errors_on_o_rise_and_fall(up, back, seeds, expected):
    steps = {("monolingual", "polyglot"): up, ("polyglot", "fine_tuned"): back}
    figures = {(group, "O", *step): estimate(size, seeds=seeds) for group in GROUPS for step, size in steps.items()}
    found = judged("errors-polyglot-precision", recall_errors=figures)
    assert found.verdict == expected
    assert [part.figure for part in found.parts] == [up, back] * 2
    half = {key: each for key, each in figures.items() if key[0] == "conll"}
    assert judged("errors-polyglot-precision", recall_errors=half).missing == ("LORELEI languages",)


def test_errors_on_per_and_org_fall_in_each_group():
    figures = {
        (group, gold, "monolingual", "fine_tuned"): estimate(-2.0) for group in GROUPS for gold in ("PER", "ORG")
    }
    assert judged("errors-per-org", recall_errors=figures).verdict == "holds"
    figures["conll", "ORG", "monolingual", "fine_tuned"] = estimate(3.0)
    assert judged("errors-per-org", recall_errors=figures).verdict == "does not hold"
    del figures["conll", "ORG", "monolingual", "fine_tuned"]
    assert judged("errors-per-org", recall_errors=figures).missing == ("ORG, CoNLL languages",)


@pytest.mark.parametrize(
    ("share", "interaction", "expected"), [(-3, -2, "holds"), (-3, 0, "undecided"), (3, -2, "does not hold")]
)
def test_names_are_transferred_where_common_entities_gain_more(share, interaction, expected):
    step = ("monolingual", "polyglot")
    figures = {"common_shares": {("conll", *step): estimate(share), ("lorelei", *step): estimate(9.0)}}
    figures |= {"common_interactions": {("conll", *step): estimate(interaction)}}
    rates = {"common_rates": {("conll", common, *step): estimate(-5.0 if common else 7.0) for common in (True, False)}}
    found = judged("common-polyglot-lower", **figures, **rates)
    assert found.verdict == expected
    assert [(part.group, part.figure, part.aim) for part in found.parts] == [
        ("conll", share, "below"),
        ("conll", interaction, "below"),
        ("conll", -5.0, ""),
    ]
    assert judged("common-polyglot-lower", **rates).verdict == "not run"  # that rate falls with any better model


def test_fine_tuning_raises_the_share_of_errors_with_a_common_form():
    figures = {("conll", "polyglot", "fine_tuned"): estimate(2.0)}
    found = judged("common-finetune-raises", common_shares=figures)
    assert (found.verdict, found.parts[0].figure) == ("holds", 2.0)


def test_sparser_models_keep_more_f1_while_they_are_pruned():
    areas = {(group, "polyglot", "monolingual"): estimate(1.0) for group in GROUPS}
    thresholds = {("conll", "polyglot", "monolingual"): estimate(-5.0)}
    found = judged("pruning-mono-sparser", pruning_areas=areas, pruning_thresholds=thresholds)
    assert (found.verdict, found.parts[-1].aim) == ("holds", "")
    assert judged("pruning-mono-sparser", pruning_thresholds=thresholds).verdict == "not run"
    denser = {(group, "monolingual", "fine_tuned"): estimate(1.0) for group in GROUPS}
    assert judged("pruning-finetune-denser", pruning_areas=denser).verdict == "does not hold"


@pytest.mark.parametrize(
    ("ratio", "half", "expected", "said"),
    [
        (0.3, 0.1, "holds", "cannot be told from"),
        (0.2, 0.01, "holds", "is below"),
        (0.6, 0.05, "does not hold", "is above"),
    ],
)
def test_what_a_ratio_of_weights_would_be_by_construction(ratio, half, expected, said):
    found = judged("pruning-polyglot-efficient", pruning_ratios={("conll",): estimate(ratio, half)})
    assert (found.verdict, found.parts[0].null) == (expected, 0.25)
    assert found.note == f"It {said} 0.25, which it would be with nothing pruned."


def overlap(figure: float, **beside: float) -> OverlapFigure:
    return OverlapFigure(estimate(figure, 1.0), beside)


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ({"untrained": 50.0, "itself": 80.0}, "holds"),
        ({"untrained": 86.0, "itself": 90.0}, "does not hold"),
        ({"untrained": 86.0}, "does not hold"),
        ({"untrained": 86.0, "itself": 80.0}, "undecided"),
        ({}, "undecided"),
    ],
)
def test_an_overlap_is_held_against_an_untrained_network(beside, expected):
    reasons = {0: "nothing to compare with", 80.0: "one language with itself overlaps less than an untrained network"}
    figures = {("lorelei", "languages", 0.25): overlap(60.0, **beside), ("conll", "languages", 0.25): None}
    found = judged("fisher-shared-quarter", overlaps=figures)
    assert found.verdict == expected
    assert found.parts[0].null == beside.get("untrained")
    assert found.reason == ("" if expected != "undecided" else reasons[beside.get("itself", 0)])
    assert found.note == ""
    gates = {("lorelei", "languages", 0.25): overlap(60.0, **beside, within_gates=55.0)}
    assert judged("fisher-shared-quarter", overlaps=gates).note == "With ranks taken within each gate: 55.0 %."


@pytest.mark.parametrize(
    ("copula", "itself", "expected"), [(50.0, 80.0, "holds"), (30.0, 80.0, "does not hold"), (36, 80.0, "undecided")]
)
@pytest.mark.parametrize(("claim", "kind"), [("fisher-unique-top", "languages"), ("fisher-top-shifts", "retained")])
def test_the_top_overlaps_less_than_the_quarter_implies(claim, kind, copula, itself, expected):
    figures = {("lorelei", kind, 0.05): overlap(35.5, copula=copula, itself=itself)}
    found = judged(claim, overlaps=figures)
    assert (found.verdict, [part.line for part in found.parts]) == (expected, [copula, itself])


def test_the_doubt_about_what_it_is_held_against_counts():
    figure = replace(overlap(60.0, untrained=50.0), less={"untrained": estimate(10.0, 12.0)})
    found = judged("fisher-shared-quarter", overlaps={("lorelei", "languages", 0.25): figure})
    assert (found.verdict, found.parts[0].figure, found.parts[0].line) == ("undecided", 10.0, 0.0)
    assert found.parts[0].what == "top 25 % (60.0 %) less an untrained network (50.0 %)"


@pytest.mark.parametrize(
    ("claim", "kind", "other"),
    [
        ("fisher-unique-top", "languages", "top 5 %, against one language with itself"),
        ("fisher-top-shifts", "retained", "top 5 % retained, against the same models on other sentences"),
    ],
)
def test_what_an_overlap_is_held_against_is_named_by_what_is_compared(claim, kind, other):
    found = judged(claim, overlaps={("lorelei", kind, 0.05): overlap(35.5, copula=50.0, itself=80.0)})
    assert found.parts[1].what == other


def test_more_than_half_is_retained():
    found = judged(
        "fisher-retained", overlaps={("lorelei", "retained", 0.25): overlap(80.0, untrained=85.0, itself=90.0)}
    )
    assert (found.verdict, found.parts[0].line, found.parts[0].null) == ("holds", 50.0, 85.0)
    assert "90.0 %" in found.note


def test_the_interval_of_a_share_ends_at_all_of_it():
    wide = replace(overlap(80.0, untrained=85.0), estimate=replace(estimate(80.0, 90.0), least=0.0, most=100.0))
    (part,) = judged("fisher-retained", overlaps={("lorelei", "retained", 0.25): wide}).parts
    assert (part.low, part.high, part.verdict) == (0.0, 100.0, "undecided")
    table = overlap_table({("lorelei", "retained", 0.25): wide})
    assert table[["low", "high"]].to_numpy().tolist() == [[0.0, 100.0]]
    assert table[["overlap", "untrained"]].to_numpy().tolist() == [[80.0, 85.0]]
    assert table[["copula", "itself", "within_gates", "untrained_within_gates"]].isna().all(axis=None)


def test_runs_of_an_analysis_must_have_converged():
    row = {"model": "byte-crf", "regime": "polyglot", "variant": "", "group": "lorelei", "language": "swa", "seed": 1}
    results = pd.DataFrame([{**row, "split": "test", "f1": 1.0, "run": "p", "ended": "limit"}])
    figures = {"overlaps": {("lorelei", "retained", 0.25): overlap(80.0)}}
    found = made.judged("fisher-retained", results, estimates=figures)
    assert (found.verdict, found.reason) == ("undecided", "not converged, nothing to compare with")


def test_overlaps_come_from_their_table():
    cells = [(f"p{seed}", seed, 0.5 + 0.01 * seed) for seed in (1, 2, 3)]
    fisher = pd.DataFrame(cells, columns=["run", "seed", "overlap"]).assign(
        group="lorelei",
        comparison="languages",
        source="trained",
        ranks="layer",
        first="amh",
        second="swa",
        layer="unit LSTM 1",
        share=0.25,
        model="byte-crf",
    )
    found = made.findings(tables={"fisher": fisher}).overlaps["lorelei", "languages", 0.25].estimate
    assert (found.figure, found.seeds, found.languages) == (pytest.approx(52.0), 3, ("amh",))
    assert (found.least, found.most) == (0.0, 100.0)
    (part,) = made.judged("fisher-shared-quarter", tables={"fisher": fisher}).parts
    assert (part.figure, part.reason) == (found.figure, "nothing to compare with")
