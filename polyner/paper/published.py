"""The numbers the paper prints: Table 1, Table 3, and what it says about its figures, as tidy tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import pandas as pd
import yaml

from polyner.corpora.languages import table2
from polyner.runs.spec import REGIMES
from polyner.study.groups import PAPER_GROUPS


def table1() -> pd.DataFrame:
    """Table 1's cells: model, regime, group, language, f1 (percent, test set).

    A cell the paper leaves empty (Amharic with mBERT, fine-tuned Byte-to-Span) has no row.
    """
    table = _read("table1.csv").drop(columns=["conll", "lorelei"])
    table = table.melt(["model", "regime"], var_name="language", value_name="f1").dropna(subset="f1")
    table["group"] = table["language"].map({code: row.group for code, row in table2().items()})
    return _in_order(table)[["model", "regime", "group", "language", "f1"]]


def published_results() -> pd.DataFrame:
    """Table 1's cells with the columns of a table of results, as if they were one seed of the study.

    What compares results compares the paper's numbers too, for example `analysis.contrasts.Contrasts`.
    """
    return table1().assign(variant="", seed=0, split="test", run="paper")


def printed_f1(cells: Mapping[str, str], languages: Sequence[str]) -> float:
    """The mean of the printed F1 of a model and regime (`cells`) in these languages, from Tables 1 and 3; missing where
    one of them is not printed, and for variants."""
    if cells.get("variant"):
        return float("nan")
    f1 = [_printed_cells().get((cells["model"], cells["regime"], code), float("nan")) for code in languages]
    return sum(f1) / len(f1)


@cache
def _printed_cells() -> dict[tuple[str, str, str], float]:
    return by_cell(pd.concat([table1(), table3()]))


def by_cell(table: pd.DataFrame) -> dict[tuple[str, str, str], float]:
    """The F1 of each model, regime and language."""
    return table.set_index(["model", "regime", "language"])["f1"].to_dict()


def table1_averages() -> pd.DataFrame:
    """Table 1's averages as printed, beside the mean of the printed cells.

    Columns: model, regime, group, printed, recomputed (F1, percent), languages (number of cells).
    """
    printed = _read("table1.csv").melt(["model", "regime"], ["conll", "lorelei"], "group", "printed")
    means = table1().groupby(["model", "regime", "group"])["f1"].agg(recomputed="mean", languages="size")
    return _in_order(printed.merge(means.reset_index(), on=["model", "regime", "group"]))


def table3() -> pd.DataFrame:
    """Table 3: F1 (percent) of the byte CRF on the held-out languages: model, regime, group, language, f1."""
    table = _read("table3.csv").melt("language", var_name="regime", value_name="f1")
    table = table.assign(model="byte-crf", group="heldout")
    return table[["model", "regime", "group", "language", "f1"]]


def figure_statements(figure: str) -> pd.DataFrame:
    """What the paper states about one figure, "1" to "4", a row a statement."""
    statements = yaml.safe_load(files(__package__).joinpath("figures.yaml").read_text(encoding="utf-8"))
    return pd.DataFrame({f"Figure {figure}, the paper": statements[figure]})


@cache
def _read(name: str) -> pd.DataFrame:
    with files(__package__).joinpath(name).open(encoding="utf-8") as stream:
        return pd.read_csv(stream)


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order the paper prints them: by model, then group, then regime."""
    models = list(dict.fromkeys(_read("table1.csv")["model"]))
    place = {name: number for names in (models, PAPER_GROUPS, REGIMES) for number, name in enumerate(names)}
    by = ["model", "group", "regime"]
    return table.sort_values(by, key=lambda names: names.map(place), kind="stable", ignore_index=True)
