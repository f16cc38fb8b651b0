"""Charts of any languages and groups: all that the table has are drawn and named, also a language of two groups."""

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyner import charts
from polyner.names import group_name, groups_in_order, variant_name
from tests import test_charts_every
from tests.charted import spec_of

# What the tables of the other tests have, and what it is called here.
CODES = {"eng": "fra", "deu": "ita", "nld": "por", "hin": "cat", "ben": "ron", "rus": "fra", "yor": "heb", "amh": "jpn"}
GROUP = {code: "un_seen" if code == "cat" else "romance" for code in CODES.values()}
TABLES = {name: each[:2] for name, each in test_charts_every.ALL.items()}
# These have no groups.
for name in ("learning_curve", "repeated_sentences", "score_map", "label_lattice", "window_map", "word_pieces"):
    del TABLES[name]


def regrouped(table: pd.DataFrame) -> pd.DataFrame:
    """The table about other languages, in groups that the paper does not have."""
    table = table.replace(CODES)
    if "language" in table:
        return table.assign(group=table["language"].map(GROUP))
    return table.assign(group="romance")


def text_of(chart) -> str:
    return json.dumps(spec_of(chart), ensure_ascii=False)


@pytest.mark.parametrize(("chart", "table"), TABLES.values(), ids=TABLES.keys())
def test_every_chart_takes_groups_that_the_paper_does_not_have(chart, table):
    other = regrouped(table)
    text = json.dumps(chart(other).to_dict(), ensure_ascii=False)
    assert any(name in text for name in ("French", "Catalan", "romance"))
    assert not any(name in text for name in ("CoNLL languages", "LORELEI languages", "Others"))
    both = text_of(chart(pd.concat([other.assign(group="romance"), other.assign(group="my-own")], ignore_index=True)))
    assert "romance" in both
    assert "my own" in both


def test_a_curve_is_seen_beside_those_of_the_groups_of_its_language():
    rows = [
        ("a", "monolingual", "fra", "romance"),
        ("b", "monolingual", "fra", "my-own"),
        ("c", "monolingual", "ita", "x"),
    ]
    rows += [("d", "polyglot", "romance", "romance"), ("e", "polyglot", "my-own", "my-own")]
    table = pd.DataFrame(rows, columns=["run", "regime", "language", "group"]).assign(epoch=1, dev_f1=50.0)
    table = table.assign(model="byte-crf", seed=1)
    spec = charts.learning_curve(table).to_dict()
    test = spec["layer"][0]["encoding"]["opacity"]["condition"][0]["test"]
    assert '"fra": ["romance", "my-own"]' in test
    assert {row["name"] for data in spec["datasets"].values() for row in data} == {
        "French",
        "Italian",
        "romance",
        "my own",
    }


def test_groups_and_variants_have_names():
    assert groups_in_order(["b", "other", "heldout", "a", "conll", "b"]) == ["conll", "heldout", "b", "a", "other"]
    assert [group_name("lorelei"), group_name("my_own-group")] == ["LORELEI languages", "my own group"]
    assert [variant_name("ewc"), variant_name("my_own")] == ["EWC", "my own"]


names = st.text("abcdeXYZ_1", min_size=1, max_size=6)
members = st.lists(
    st.sampled_from(["fra", "ita", "por", "cat", "heb", "ara", "urd", "jpn", "kat", "eng"]), min_size=1, unique=True
)
# A row with whatever any chart reads.
ROW = {"model": "byte-crf", "regime": "fine_tuned", "seed": 1, "split": "test", "f1": 50.0, "difference": 1.0}
ROW |= {"type": "PER", "share": 0.0, "train": 5, "paper": 6.0, "sentences": 5}
ROW |= {"common": True, "error_rate": 9.0, "gold": "PER", "predicted": "PER"}
ROW |= {"tokens": 5, "errors": 2, "scope": "global", "order": "magnitude", "last_share": 0.5, "kind": "missed"}
ROW |= {"count": 3, "entities": 5, "run": "run-a", "drop": 1.0, "seeds": 1}
ROW |= {"first": "monolingual", "second": "polyglot", "low": 0.5, "high": 1.5, "first_rate": 1.0, "second_rate": 2.0}


@pytest.mark.parametrize("name", sorted(TABLES.keys() - {"relatedness_scatter", "overlap_by_layer", "overlap_heatmap"}))
@settings(max_examples=12, deadline=None)
@given(groups=st.dictionaries(names, members, min_size=1, max_size=4))
def test_no_chart_drops_a_group_or_a_language(name, groups):
    table = pd.DataFrame(
        [{**ROW, "group": group, "language": code} for group, codes in groups.items() for code in codes]
    )
    table = table.assign(gold=50) if name == "common_entity_bars" else table
    table = table.assign(share=1.0) if name == "label_distribution" else table
    spec = spec_of(TABLES[name][0](table))
    rows = [row for data in spec["datasets"].values() for row in data]
    text = json.dumps(spec, ensure_ascii=False)
    if name != "target_curves":  # it has a language at a time
        assert all(group_name(group) in text for group in groups)
    places = {row[key] for row in rows for key in ("cell", "place") if key in row}
    for group, code in zip(table["group"], table["language"], strict=True):
        drawn = {row.get("row", "") for row in rows if row.get("language") == code}
        cell = f"{group}: {code}"
        assert (
            name == "regime_changes" or cell in places or any(row.startswith(f"{group_name(group)}: ") for row in drawn)
        )
