"""The chart of changes from one regime to another: its menu and its finding."""

from functools import partial

import pandas as pd

from polyner import charts
from tests.charted import rows

CHANGES = pd.DataFrame(
    [
        ("conll", "PER", "monolingual", "polyglot", 20.0, 29.0, 9.0, 8.0, 10.0),
        ("conll", "O", "monolingual", "polyglot", 2.0, 1.5, -0.5, -1.0, 0.5),
        ("conll", "PER", "polyglot", "fine_tuned", 29.0, 28.0, -1.0, None, None),
    ],
    columns=["group", "gold", "first", "second", "first_rate", "second_rate", "difference", "low", "high"],
)
regime_changes = partial(charts.regime_changes, row="gold", x_title="points")
ALL = {"regime_changes": (regime_changes, CHANGES, "first_rate")}


def test_changes_have_a_menu_of_the_regimes_and_say_which_are_clear_of_zero():
    chart = regime_changes(CHANGES)
    spec = chart.to_dict(validate=False)
    (menu,) = [param["bind"] for param in spec["params"]]
    assert menu["labels"] == ["polyglot − monolingual", "fine-tuned − polyglot"]
    finding = spec["usermeta"]["polyner"]["finding"]
    assert finding == "From monolingual to polyglot, 1 of 2 changes is clear of 0: CoNLL languages PER +9.0"
    after = {row["row"]: row["after"] for row in rows(spec) if row["key"] == menu["options"][0]}
    assert after == {"CoNLL: PER": 29.0, "CoNLL: O": 1.5}
    title = spec["title"]["text"]["expr"]
    assert "From polyglot to fine-tuned, the largest change: CoNLL languages" in title  # of one seed
    assert "(no intervals)" in title
    assert " ".join(spec["title"]["subtitle"]).endswith("95\N{NO-BREAK SPACE}% intervals")
    alone = regime_changes(CHANGES.assign(low=None, high=None)).title.subtitle
    assert alone == ["Changes from regime to regime"]


def test_changes_can_be_rows_themselves():
    table = CHANGES[CHANGES["gold"] == "PER"].drop(columns="gold")
    spec = charts.regime_changes(table, row="pair", x_title="points").to_dict(validate=False)
    assert "params" not in spec
    assert {row["what"] for row in rows(spec)} == {"polyglot − monolingual", "fine-tuned − polyglot"}
    assert spec["usermeta"]["polyner"]["finding"].startswith("1 of 2 changes is clear of 0")
