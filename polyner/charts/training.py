"""Charts of training: development F1 by epoch."""

from __future__ import annotations

import altair as alt
import pandas as pd

from polyner.charts.theme import (
    GREY,
    MOST_ROWS,
    REGIMES,
    architecture_choice,
    drawn_from,
    faded,
    known_regimes,
    language_name,
    legend_click,
    regime_colour,
    table_for,
    titled,
    with_params,
)
from polyner.names import ARCHITECTURE_NAMES

_DESCRIBED = ("language", "model", "seed", "run")


def learning_curve(history: pd.DataFrame, title: str | None = None, value: str = "dev_f1") -> alt.LayerChart:
    """Development F1 by epoch, a line a run, coloured by regime; a ring marks the best epoch of each run.

    `history`: run, epoch, the column named by `value` (percent), and if known regime, language, model, seed.
    Several architectures get a menu; clicking the legend picks regimes.
    """
    table = table_for("learning_curve", _thinned(history, value), ["run", "epoch", value])
    table = table.assign(dev_f1=table[value]).dropna(subset="dev_f1")
    table = table_for("learning_curve", table, ())
    has_regimes = "regime" in table
    if has_regimes:
        regimes = known_regimes("learning_curve", table["regime"])
        table["regime_name"] = table["regime"].map({regime: name for regime, (name, _) in REGIMES.items()})
    if "language" in table:
        table["language"] = table["language"].map(language_name)
    if "model" in table:
        table["model"] = table["model"].map(lambda model: ARCHITECTURE_NAMES.get(model, model))
    table["best"] = table["dev_f1"] == table.groupby("run")["dev_f1"].transform("max")
    table["best"] &= ~table.duplicated(["run", "best"])
    described = [column for column in _DESCRIBED if column in table]
    table = table[[*described, "epoch", "dev_f1", "best", *(["regime_name"] if has_regimes else [])]]
    tooltip = [alt.Tooltip(f"{column}:N") for column in described]
    tooltip += [alt.Tooltip("regime_name:N", title="regime")] if has_regimes else []
    tooltip += [alt.Tooltip("epoch:Q", format="d"), alt.Tooltip("dev_f1:Q", title="dev F1", format=".2f")]
    architecture = architecture_choice(table, "curve_architecture")
    base = drawn_from(table, architecture).encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(format="d", values=_ticks(table["epoch"].max()))),
        y=alt.Y("dev_f1:Q", title="F1 on dev (%)", scale=alt.Scale(zero=False, nice=True)),
        detail="run:N",
        tooltip=tooltip,
    )
    lines, points = base.mark_line(strokeWidth=1.8, color=GREY), base.mark_point(size=25, filled=True, color=GREY)
    rings = base.mark_point(size=130, filled=False, strokeWidth=2, color=GREY).transform_filter(alt.datum.best)
    layers = [lines, points, rings]
    if has_regimes:
        by_regime = legend_click("regime_name", "curve_regime")
        layers = [layer.encode(color=regime_colour(regimes), opacity=faded(by_regime)) for layer in layers]
    chart = alt.layer(*layers).properties(
        width="container", height=260, title=titled(title or "Development F1 by epoch")
    )
    return with_params(chart, by_regime if has_regimes else None, architecture)


def _ticks(last: int) -> list[int]:
    """About ten whole epochs, the first among them."""
    return [1, *range(step, last + 1, step)] if (step := max(1, round(last / 10))) > 1 else list(range(1, last + 1))


def _thinned(history: pd.DataFrame, value: str) -> pd.DataFrame:
    """As many rows as a chart may have: of longer histories every second epoch or fewer, and each run's best."""
    if not {"run", "epoch", value} <= set(history) or len(history) <= MOST_ROWS:
        return history
    room = max(1, MOST_ROWS - 2 * history["run"].nunique())
    step = -(-len(history) // room)
    best = history.reset_index(drop=True).groupby("run")[value].idxmax()
    kept = (history["epoch"] % step == 1).to_numpy(copy=True)
    kept[best] = True
    return history[kept]
