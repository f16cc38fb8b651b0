"""The claims of §5.1, on tables of changes made by hand."""

import pandas as pd
import pytest

from polyner.paper import Evidence, verdict

NOTHING = Evidence(
    pd.DataFrame(columns=["model", "regime", "variant", "group", "language", "seed", "split", "f1", "run"]), {}
)
STEPS = {"up": ("monolingual", "polyglot"), "back": ("polyglot", "fine_tuned"), "all": ("monolingual", "fine_tuned")}


def changes(rows: list[tuple], key: str, width=0.1, seeds=3) -> pd.DataFrame:
    """Rows of (group, gold or common, step, difference) with intervals of one width."""
    table = [(group, value, *STEPS[step], d, d - width, d + width, seeds, 0) for group, value, step, d in rows]
    return pd.DataFrame(
        table, columns=["group", key, "first", "second", "difference", "low", "high", "seeds", "without"]
    )


def o_errors(up: float, back: float, groups=("conll", "lorelei")) -> list[tuple]:
    return [row for group in groups for row in [(group, "O", "up", up), (group, "O", "back", back)]]


@pytest.mark.parametrize(
    ("rows", "width", "seeds", "expected", "figure"),
    [
        (o_errors(1.0, -0.8), 0.1, 3, "holds", 0.8),
        (o_errors(1.0, -0.8, ["conll"]), 0.1, 3, "undecided", 0.8),  # the claim is about both groups
        (o_errors(1.0, 0.8, ["conll"]), 0.1, 3, "does not hold", -0.8),
        ([*o_errors(1.0, -0.8, ["conll"]), *o_errors(-1.0, -0.8, ["lorelei"])], 0.1, 3, "does not hold", -1.0),
        (o_errors(1.0, 0.8), 0.1, 3, "does not hold", -0.8),
        (o_errors(1.0, -0.05), 0.1, 3, "undecided", 0.05),
        (o_errors(1.0, -0.15), 0.1, 3, "undecided", 0.15),  # one comparison would do, of four it does not
        (o_errors(1.0, -0.8), 0.1, 2, "undecided", 0.8),
    ],
)
def test_polyglot_models_err_more_on_o(rows, width, seeds, expected, figure):
    others = [("conll", "PER", "up", -9.0), ("conll", "O", "all", 0.0)]
    judged = verdict(
        "errors-polyglot-precision", NOTHING.with_tables(recall_errors=changes([*rows, *others], "gold", width, seeds))
    )
    assert (judged.verdict, judged.figure, judged.unit) == (expected, pytest.approx(figure), "percentage points")
    assert ("Not at hand" in judged.detail) == (not any(row[0] == "lorelei" for row in rows))
    assert ("too few" in judged.detail) == (seeds < 3)


def per_org(conll=(-2.0, -3.0), lorelei=(-4.0, -5.0)) -> list[tuple]:
    both = {"conll": conll, "lorelei": lorelei}
    return [(group, tag, "all", d) for group, ds in both.items() for tag, d in zip(("PER", "ORG"), ds, strict=False)]


@pytest.mark.parametrize(
    ("rows", "seeds", "expected", "figure"),
    [
        (per_org(), 3, "holds", -2.0),
        (per_org(lorelei=(-4.0, 1.0)), 3, "does not hold", 1.0),
        (per_org(lorelei=(-4.0, 0.05)), 3, "undecided", 0.05),
        (per_org(), 1, "undecided", -2.0),
        (per_org(lorelei=()), 3, "undecided", -2.0),  # the claim is about both groups
        (per_org(conll=(1.0, -3.0), lorelei=()), 3, "does not hold", 1.0),
        (per_org(lorelei=(-4.0, float("nan"))), 3, "undecided", -2.0),
    ],
)
def test_fine_tuned_models_err_less_on_per_and_org(rows, seeds, expected, figure):
    table = changes([*rows, ("conll", "LOC", "all", 5.0), ("conll", "PER", "up", 5.0)], "gold", seeds=seeds)
    judged = verdict("errors-per-org", NOTHING.with_tables(recall_errors=table))
    assert (judged.verdict, judged.figure) == (expected, pytest.approx(figure))
    assert ("Not at hand" in judged.detail) == (len(table["difference"].dropna()) < 6)


@pytest.mark.parametrize(
    ("claim", "step", "sign"), [("common-polyglot-lower", "up", -1), ("common-finetune-raises", "back", 1)]
)
@pytest.mark.parametrize(
    ("size", "seeds", "expected"),
    [(1.0, 3, "holds"), (-1.0, 3, "does not hold"), (0.05, 3, "undecided"), (1.0, 2, "undecided")],
)
def test_errors_on_common_entities(claim, step, sign, size, seeds, expected):
    rows = [("conll", True, step, sign * size), ("conll", False, step, 7.0), ("lorelei", True, step, -sign * 9.0)]
    judged = verdict(claim, NOTHING.with_tables(common_errors=changes(rows, "common", seeds=seeds)))
    assert (judged.verdict, judged.figure) == (expected, pytest.approx(sign * size))
    assert "not common +7.00 (+6.90 to +7.10)" in judged.detail


def test_seeds_without_common_entities_are_named():
    table = changes([("conll", True, "up", -1.0), ("conll", False, "up", 0.0)], "common").assign(without=[1, 0])
    judged = verdict("common-polyglot-lower", NOTHING.with_tables(common_errors=table))
    assert judged.verdict == "holds"
    assert "Left out: 1 seed without an error rate to compare." in judged.detail
    none = table.assign(difference=float("nan"), seeds=0, without=3)
    assert "3 seeds have none" in verdict("common-polyglot-lower", NOTHING.with_tables(common_errors=none)).detail


@pytest.mark.parametrize("claim", ["common-polyglot-lower", "common-finetune-raises"])
def test_without_common_entities_of_conll_there_is_nothing_to_judge(claim):
    rows = [("conll", True, "up", float("nan")), ("conll", True, "back", float("nan")), ("lorelei", True, "up", 1.0)]
    judged = verdict(claim, NOTHING.with_tables(common_errors=changes(rows, "common")))
    assert (judged.verdict, judged.figure) == ("not run", None)


def test_tables_that_are_empty_or_not_there_are_not_run():
    empty = NOTHING.with_tables(recall_errors=changes([], "gold"), common_errors=changes([], "common"))
    for claim in ("errors-polyglot-precision", "errors-per-org", "common-polyglot-lower", "common-finetune-raises"):
        assert verdict(claim, empty).verdict == verdict(claim, NOTHING).verdict == "not run"
        assert verdict(claim, empty).detail.startswith("needs ")
        assert verdict(claim, empty).paper_figure is None


def test_tables_are_known_by_name_and_have_their_columns():
    with pytest.raises(TypeError, match="no such table: errors"):
        NOTHING.with_tables(errors=pd.DataFrame())
    with pytest.raises(ValueError, match="table of recall errors lacks gold"):
        NOTHING.with_tables(recall_errors=changes([], "common"))
