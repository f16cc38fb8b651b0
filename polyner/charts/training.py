"""Charts of training: development F1 by epoch."""

from __future__ import annotations

import altair as alt
import pandas as pd

from polyner.charts.interaction import architecture_choice, chosen, emphasis, language_choice, legend_click
from polyner.charts.layers import tips
from polyner.charts.theme import MOST_ROWS, known_regimes, regime_colour, table_for
from polyner.charts.titles import Finding, by_choice, in_parts
from polyner.charts.words import complete
from polyner.corpora.languages import language_name
from polyner.names import REGIME_NAMES, architecture_name, group_name

_COLUMNS = ["run", "model", "regime", "group", "language", "seed", "epoch", "dev_f1"]


def learning_curve(history: pd.DataFrame) -> alt.LayerChart:
    """Development F1 by epoch, a line a run, coloured by regime; a ring marks the best epoch of each run.

    `history`: run, model, regime, group, language (of a polyglot run its group), seed, epoch, dev_f1 (percent). Several
    architectures get a menu, and so do languages; clicking the legend filters regimes.
    """
    table = _thinned(table_for("learning_curve", history, _COLUMNS)[_COLUMNS])
    regimes, polyglot = known_regimes(table["regime"]), table["regime"] == "polyglot"
    table["name"] = table["language"].map(group_name).where(polyglot, table["language"].map(language_name))
    table["architecture"] = table["model"].map(architecture_name)
    table["regime_name"] = table["regime"].map(REGIME_NAMES)
    # The curve of a language is seen beside those of its groups' polyglot runs.
    own = table[~polyglot].groupby("language", sort=False)["group"]
    groups = {code: list(dict.fromkeys(names)) for code, names in own}
    # A monolingual run belongs to each group that its language is in.
    table = table.drop_duplicates(["run", "epoch"]).drop(columns="group")
    table["best"] = table["dev_f1"] == table.groupby("run")["dev_f1"].transform("max")
    table["best"] &= ~table.duplicated(["run", "best"])
    tooltip = tips(name="language", architecture="model", seed="seed", run="run", regime_name="regime")
    tooltip += tips(epoch=("epoch", "d"), dev_f1=("dev F1", ".2f"))
    choices = {"model": architecture_choice(table, "curve_architecture")}
    choices["regime_name"] = legend_click("regime_name", "curve_regime")
    language = language_choice(groups, "curve_language")
    base = chosen(alt.Chart(table), **choices).encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(format="d", values=_ticks(table["epoch"].max()))),
        y=alt.Y("dev_f1:Q", title="F1 on dev (%)", scale=alt.Scale(zero=False, nice=True)),
        detail="run:N",
        color=regime_colour(regimes),
        opacity=emphasis(table, language, parts=groups),
        tooltip=tooltip,
    )
    lines, points = base.mark_line(strokeWidth=1.8), base.mark_point(size=25, filled=True)
    rings = base.mark_point(size=130, filled=False, strokeWidth=2).transform_filter(alt.datum.best)
    about = {"also": [language], "height": 260, "linked": table}
    chart = alt.layer(lines, points, rings)
    return complete(chart, _best_epochs(table), "Development F1 by epoch", choices, **about)


def _best_epochs(table: pd.DataFrame) -> Finding:
    """By model and by the regimes that are drawn: the median epoch at which the runs of each regime are best."""

    def tell(rows: pd.DataFrame) -> dict[tuple[str, ...], str]:
        by_regime = rows[rows["best"]].groupby("regime_name", sort=False)["epoch"].median()
        parts = {name: f"{name} {epoch:g}" for name, epoch in by_regime.items()}
        return in_parts("Epochs until a run is best (median): {}", parts)

    return by_choice(table, ["model"], tell)


def _ticks(last: int) -> list[int]:
    """About ten whole epochs, the first among them."""
    return [1, *range(step, last + 1, step)] if (step := max(1, round(last / 10))) > 1 else list(range(1, last + 1))


def _thinned(history: pd.DataFrame) -> pd.DataFrame:
    """As many rows as a chart may have: of longer histories every second epoch or fewer, and each run's best."""
    if len(history) <= MOST_ROWS:
        return history
    room = max(1, MOST_ROWS - 2 * history["run"].nunique())
    step = -(-len(history) // room)
    best = history.reset_index(drop=True).groupby("run")["dev_f1"].idxmax()
    kept = (history["epoch"] % step == 1).to_numpy(copy=True)
    kept[best] = True
    return history[kept]
