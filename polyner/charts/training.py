"""Charts of training: development F1 by epoch."""

from __future__ import annotations

import altair as alt
import pandas as pd

from polyner.charts.interaction import architecture_choice, emphasis, filtered, language_choice, legend_click, narrowed
from polyner.charts.layers import tips
from polyner.charts.theme import MOST_ROWS, known_regimes, regime_colour, table_for
from polyner.charts.titles import by_choice, in_parts
from polyner.charts.words import complete
from polyner.corpora.languages import language_name
from polyner.names import REGIME_NAMES, architecture_name, group_name

_COLUMNS = ("run", "regime", "language", "epoch", "dev_f1")
_DESCRIBED = ("language", "model", "seed", "run")


def learning_curve(history: pd.DataFrame, title: str | None = None) -> alt.LayerChart:
    """Development F1 by epoch, a line a run, coloured by regime; a ring marks the best epoch of each run.

    `history`: run, regime, language (of a polyglot run its group, or its languages with + between them), epoch, dev_f1
    (percent), and if known group, model, seed. Several architectures get a menu, and so do languages; clicking the
    legend filters regimes.
    """
    table = table_for("learning_curve", _thinned(history), _COLUMNS).dropna(subset="dev_f1")
    table = _named(table_for("learning_curve", table, ()))
    regimes = known_regimes("learning_curve", table["regime"])
    table["regime_name"] = table["regime"].map(REGIME_NAMES)
    groups = _groups(table)
    # A monolingual run belongs to each group that its language is in.
    table = table.drop_duplicates(["run", "epoch"]).copy()
    table["best"] = table["dev_f1"] == table.groupby("run")["dev_f1"].transform("max")
    table["best"] &= ~table.duplicated(["run", "best"])
    described = [column for column in _DESCRIBED if column in table]
    names = [column for column in ("name", "architecture", "regime_name", "regime") if column in table]
    table = table[[*described, "epoch", "dev_f1", "best", *names]]
    told = {"language": "name", "model": "architecture"}
    tooltip = tips(**{told.get(column, column): column for column in described}, regime_name="regime")
    tooltip += tips(epoch=("epoch", "d"), dev_f1=("dev F1", ".2f"))
    architecture = architecture_choice(table, "curve_architecture")
    by_regime = legend_click("regime_name", "curve_regime")
    language = language_choice(groups, "curve_language")
    base = filtered(narrowed(alt.Chart(table), model=architecture), by_regime).encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(format="d", values=_ticks(table["epoch"].max()))),
        y=alt.Y("dev_f1:Q", title="F1 on dev (%)", scale=alt.Scale(zero=False, nice=True)),
        detail="run:N",
        color=regime_colour(regimes),
        opacity=emphasis(table, language, parts=groups),
        tooltip=tooltip,
    )
    lines, points = base.mark_line(strokeWidth=1.8), base.mark_point(size=25, filled=True)
    rings = base.mark_point(size=130, filled=False, strokeWidth=2).transform_filter(alt.datum.best)
    subject, choices = title or "Development F1 by epoch", {"model": architecture, "regime_name": by_regime}
    about = {"height": 260, "params": [by_regime, architecture, language], "linked": table}
    return complete(alt.layer(lines, points, rings), _best_epochs(table), subject, choices, **about)


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """The table with names of its languages and architectures; a polyglot run has several languages, or none."""
    table = table.assign(language=table["language"].fillna(""))
    of_group = (table["regime"] == "polyglot") & ~table["language"].str.contains("+", regex=False)
    codes = table["language"].str.split("+")
    table["name"] = [
        group_name(of_run[0]) if one else ", ".join(map(language_name, of_run))
        for of_run, one in zip(codes, of_group, strict=True)
    ]
    if "model" in table:
        table = table.assign(architecture=table["model"].map(architecture_name))
    return table


def _groups(table: pd.DataFrame) -> dict[str, list[str]]:
    """The groups of each language, if they are known: its curve is seen beside those of their polyglot runs."""
    own = table[(table["regime"] != "polyglot") & (table["language"] != "")]
    return {
        code: list(dict.fromkeys(rows["group"])) if "group" in rows else []
        for code, rows in own.groupby("language", sort=False)
    }


def _best_epochs(table: pd.DataFrame) -> dict[tuple[str, tuple[str, ...]], str]:
    """By model and by the regimes that are drawn: the median epoch at which the runs of each regime are best."""

    def tell(rows: pd.DataFrame) -> dict[tuple[str, ...], str]:
        by_regime = rows[rows["best"]].groupby("regime_name", sort=False)["epoch"].median()
        parts = {name: f"{name} {epoch:g}" for name, epoch in by_regime.items()}
        return in_parts("Epochs until a run is best (median): {}", parts)

    models = table.groupby("model", sort=False) if "model" in table else [("", table)]
    return by_choice((model, tell(rows)) for model, rows in models)


def _ticks(last: int) -> list[int]:
    """About ten whole epochs, the first among them."""
    return [1, *range(step, last + 1, step)] if (step := max(1, round(last / 10))) > 1 else list(range(1, last + 1))


def _thinned(history: pd.DataFrame) -> pd.DataFrame:
    """As many rows as a chart may have: of longer histories every second epoch or fewer, and each run's best."""
    if not set(_COLUMNS) <= set(history) or len(history) <= MOST_ROWS:
        return history
    room = max(1, MOST_ROWS - 2 * history["run"].nunique())
    step = -(-len(history) // room)
    best = history.reset_index(drop=True).groupby("run")["dev_f1"].idxmax()
    kept = (history["epoch"] % step == 1).to_numpy(copy=True)
    kept[best] = True
    return history[kept]
