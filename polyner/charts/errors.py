"""Charts of the errors of §5.1: by gold tag, by predicted tag, by kind of span error, and of how they change from one
regime to another."""

from __future__ import annotations

import math

import altair as alt
import pandas as pd

from polyner.charts.interaction import ALL, chosen, emphasis, language_choice, legend_click, menu
from polyner.charts.layers import difference_layers, regime_offset, split_rows, tips
from polyner.charts.rows import HEAT, LEGEND_TITLE, ON_HEAT, headed, heading_rows, place_menu, places, with_headings
from polyner.charts.theme import GREY, MOST_ROWS, PALETTE, SIGNED_TICKS, known_regimes, regime_colour, table_for
from polyner.charts.titles import by_choice, wrapped
from polyner.charts.words import best_regime, best_regimes, complete, signed, with_intervals
from polyner.corpora.languages import language_name
from polyner.names import REGIME_NAMES, group_name

_TUNED = "fine_tuned"
# Readers cannot tell more tags apart than this; the rarest types are one then.
_MOST_TAGS = 20
_OTHERS = "other types"
# Bars of O get their own scale where O has this many times more or fewer errors than the types.
_APART = 3
_OWN_SCALE = ", own scale"
_ERRORS = [
    "recall errors (tokens);",
    "each group has a scale of its own;",
    "in brackets: how many more than fine-tuned",
]
_KINDS = {"wrong_type": "wrong type", "wrong_boundary": "wrong boundary", "wrong_both": "both wrong"}
_KINDS |= {"missed": "missed", "spurious": "spurious"}
_PAIRS = "pair"
_OF_CHANGE = ["group", "first", "second", "difference", "low", "high", "first_rate", "second_rate"]


def recall_error_bars(table: pd.DataFrame) -> alt.LayerChart:
    """Figure 1: recall errors by gold tag, a bar a regime, in brackets how many more than the fine-tuned model makes.

    `table`: regime, group, language, gold, tokens, errors (`findings.errors.recall_error_counts`). A menu of languages
    starts with the sum over them. The longest bar of each group is as wide as the chart; O has its own scale where its
    errors are three times more or fewer than those of the types.
    """
    table = table_for("recall_error_bars", table, ["regime", "group", "language", "gold", "tokens", "errors"])
    regimes = known_regimes(table["regime"])
    table, merged = _few_types(table, ["gold"], "tokens")
    counts = _by_language(table, ["regime", "group", "gold"], ["tokens", "errors"])
    counts["error_rate"] = 100 * counts["errors"] / counts["tokens"].where(counts["tokens"] > 0)
    counts = _beside_tuned(_scaled(counts))
    order = [tag + own for tag in _tags(counts["gold"]) for own in ("", _OWN_SCALE)]
    counts["row"] = headed(counts["group"], counts["gold"] + counts["own_scale"].map({True: _OWN_SCALE, False: ""}))
    languages = language_choice(set(counts["language"]) - {ALL}, "recall_language")
    tags = _type_menu(counts["gold"], "recall_tag")
    by_regime = legend_click("regime_name", "recall_regime")
    tooltip = tips(place="languages", gold="gold tag", regime_name="regime", errors=("errors (tokens)", ",.1f"))
    tooltip += tips(tokens=("gold tokens", ",.0f"), error_rate=("errors (% of tokens)", ".2f"))
    shown = with_headings(counts, ["language"], {"length": 0, "label": ""})
    bare = {"labels": False, "ticks": False, "grid": False, "domain": False}
    base = alt.Chart().encode(
        y=heading_rows(counts, order, menus=True),
        yOffset=regime_offset(regimes, paddingInner=0.25),
        # Beside the longest bar there is room for its label.
        x=alt.X(
            "length:Q",
            scale=alt.Scale(domainMin=0, domainMax=alt.expr("width / (width - 95)"), nice=False),
            axis=alt.Axis(title=_ERRORS[: 2 + (_TUNED in regimes)], **bare),
        ),
        opacity=emphasis(["regime"], tags, "gold"),
        tooltip=tooltip,
    )
    labels = base.mark_text(align="left", dx=4, color=GREY, fontSize=10).encode(text="label:N")
    bars = alt.layer(base.mark_bar().encode(color=regime_colour(regimes)), labels, data=shown)
    choices = {"language": languages, "regime_name": by_regime}
    found = by_choice(
        counts,
        ["language"],
        lambda rows: best_regimes(rows.pivot_table("errors", ["group", "gold"], "regime"), "tags", "errors", True),
    )
    subject = "Recall errors by gold tag and training regime" + merged
    about = {"height": split_rows(48), "linked": ["regime", "language"]}
    return complete(chosen(bars, **choices), found, subject, choices, [tags], **about)


def confusion_matrix(table: pd.DataFrame) -> alt.LayerChart:
    """How many tokens of each gold tag are predicted as each tag; the colour is their share of the gold tag's tokens.

    `table`: regime, group, language, seed, gold, predicted, tokens (`analysis.errors.confusion`); seeds are
    averaged. Menus choose the regime, and a group as a whole or one of its languages.
    """
    cell = ["regime", "group", "gold", "predicted"]
    table = table_for("confusion_matrix", table, [*cell, "language", "seed", "tokens"])
    regimes = known_regimes(table["regime"])
    few, merged = _few_types(table, ["gold", "predicted"], "tokens")
    tokens, whole = (_by_language(each, cell, ["tokens"]) for each in (few, table))
    tokens["place"], whole["place"] = places(tokens), places(whole)
    row = tokens.groupby(["regime", "place", "gold"])["tokens"].transform("sum")
    tokens = tokens.assign(share=tokens["tokens"] / row, regime_name=tokens["regime"].map(REGIME_NAMES))[row > 0]
    shown = tokens[["regime", "regime_name", "place", "gold", "predicted", "tokens", "share"]].round(4)
    place = place_menu(tokens, "confusion_place", "all languages")
    regime = menu({each: REGIME_NAMES[each] for each in regimes}, "confusion_regime", "Regime ")
    tags = _tags(pd.concat([tokens["gold"], tokens["predicted"]]))
    axis = {"domain": False, "ticks": False, "labelAngle": 0 if len(tags) < 9 else -45}
    base = alt.Chart().encode(
        x=alt.X("predicted:N", sort=tags, axis=alt.Axis(title="predicted", **axis)),
        y=alt.Y("gold:N", sort=tags, axis=alt.Axis(title="gold", **axis | {"labelAngle": 0})),
        tooltip=[
            *tips(regime_name="regime", gold="gold", predicted="predicted"),
            *tips(tokens=("tokens", ",.1f"), share=("share of gold", ".2%")),
        ],
    )
    legend = alt.Legend(title="share of the gold tag's tokens", format="%", values=[0, 0.1, 0.5, 1], **LEGEND_TITLE)
    # The root tells small shares apart, and most cells are small.
    scale = alt.Scale(type="sqrt", domain=[0, 1], range=HEAT)
    cells = base.mark_rect(cornerRadius=2).encode(color=alt.Color("share:Q", scale=scale, legend=legend))
    numbers = base.mark_text(color=ON_HEAT, fontSize=11).encode(text=alt.Text("tokens:Q", format=",.0f"))
    chart = alt.layer(cells, numbers, data=shown)
    subject, choices = "Tokens by gold and predicted tag" + merged, {"regime": regime, "place": place}
    found = by_choice(whole, [*choices], _confused)
    return complete(chosen(chart, **choices), found, subject, choices, height=alt.Step(34))


def _confused(tokens: pd.DataFrame) -> str:
    """Which tags are confused most often."""
    wrong = tokens[(tokens["gold"] != tokens["predicted"]) & (tokens["tokens"] > 0)]
    if wrong.empty:
        return "No tag is taken for another"
    most = wrong.loc[wrong["tokens"].idxmax()]
    return f"Commonest error: {most['gold']} taken for {most['predicted']} ({most['tokens']:,.0f} tokens)"


def span_error_bars(table: pd.DataFrame) -> alt.Chart:
    """Span errors by kind, per 100 gold entities, a stacked bar a regime under the name of its group.

    `table`: regime, group, language, seed, type, kind, count (`analysis.errors.span_errors`); seeds are
    averaged. Menus choose a language and a type; they start with all. Without gold entities there is no bar.
    """
    keys = ["regime", "group", "type", "kind"]
    table = table_for("span_error_bars", table, [*keys, "language", "seed", "count"])
    regimes = known_regimes(table["regime"])
    table, merged = _few_types(table, ["type"], "count")
    counts = _by_language(pd.concat([table.assign(type=ALL), table]), keys, ["count"])
    gold = counts.assign(gold=counts["count"].where(counts["kind"] != "spurious", 0))
    counts["gold"] = gold.groupby(["regime", "group", "language", "type"])["gold"].transform("sum")
    counts = counts[(counts["kind"] != "correct") & (counts["gold"] > 0)]
    counts = counts.assign(rate=100 * counts["count"] / counts["gold"], order=counts["kind"].map([*_KINDS].index))
    counts["kind_name"] = counts["kind"].map(_KINDS)
    counts["regime_name"] = counts["regime"].map(REGIME_NAMES)
    counts["row"] = headed(counts["group"], counts["regime_name"])
    shown = with_headings(counts, ["language", "type"], {"rate": 0, "count": 0})
    choices = {
        "language": language_choice(set(counts["language"]) - {ALL}, "span_language"),
        "type": _type_menu(table["type"], "span_type"),
    }
    by_kind = legend_click("kind_name", "span_kind")
    tooltip = tips(regime_name="regime", kind_name="kind", rate=("per 100 gold entities", ".2f"))
    tooltip += tips(count=("errors", ",.1f"), gold=("gold entities", ",.0f"))
    scale = alt.Scale(domain=[*_KINDS.values()], range=PALETTE[: len(_KINDS)])
    bars = alt.Chart(shown.drop(columns=["group", "kind"]).round(4)).mark_bar(stroke="white", strokeWidth=0.7)
    bars = bars.encode(
        y=heading_rows(counts, [REGIME_NAMES[regime] for regime in regimes], menus=True),
        x=alt.X("rate:Q", title="errors per 100 gold entities"),
        color=alt.Color("kind_name:N", scale=scale, legend=alt.Legend(columns=2)),
        order="order:Q",
        opacity=emphasis(["regime"]),
        tooltip=tooltip,
    )
    chart = chosen(bars, **choices, kind_name=by_kind)
    found = by_choice(
        counts.groupby(["language", "type", "regime", "group"], sort=False)["rate"].sum().reset_index(name="rate"),
        [*choices],
        lambda rows: best_regime(rows.pivot_table("rate", "group", "regime"), "groups", "errors", True),
    )
    subject = "Span errors by kind, per 100 gold entities" + merged
    return complete(chart, found, subject, choices, [by_kind], height=alt.Step(24), linked=["regime"])


def _few_types(table: pd.DataFrame, columns: list[str], value: str) -> tuple[pd.DataFrame, str]:
    """The table with its rarest types called one in `columns`, as far as a page cannot carry them; and how a title
    says so. Two columns are of a matrix, whose cells grow with the square: there, one of these types taken for another
    counts as right."""
    panel = ["regime", "group", "language"]
    panels = len(table.drop_duplicates(panel)) + len(table.drop_duplicates(panel[:2]))
    # A bar has five parts at most, and there are headings.
    room = MOST_ROWS // (6 * panels) if len(columns) == 1 else math.isqrt(MOST_ROWS // panels)
    totals = pd.concat([table.groupby(column)[value].sum() for column in columns]).groupby(level=0).sum()
    types = totals.drop("O", errors="ignore").sort_values(kind="stable").index
    room = max(3, min(_MOST_TAGS, room))  # O and the others among them
    if len(types) < room:
        return table, ""
    rare = types[: len(types) + 2 - room]
    renamed = {column: table[column].mask(table[column].isin(rare), _OTHERS) for column in columns}
    return table.assign(**renamed), f" (the {len(rare)} rarest types as one)"


def _by_language(table: pd.DataFrame, keys: list[str], values: list[str]) -> pd.DataFrame:
    """Counts by language and `keys`, averaged over seeds; the language "all" is the sum of a group."""
    long = pd.concat([table.assign(language=ALL), table])
    long = long if "seed" in long else long.assign(seed=0)
    counts = long.groupby(["language", *keys], as_index=False, sort=False)[values].sum()
    # A seed without a row has a count of 0.
    runs = ["language", "regime", "group"]
    number = counts[runs].merge(long.groupby(runs)["seed"].nunique().reset_index(), on=runs)["seed"]
    return counts.assign(**{value: counts[value] / number for value in values})


def _scaled(counts: pd.DataFrame) -> pd.DataFrame:
    """The length of each bar, as a share of the longest of its scale, and whether it is an O with its own scale."""
    panel, is_o = [counts["language"], counts["group"]], counts["gold"] == "O"
    of_o = counts["errors"].where(is_o).groupby(panel).transform("max")
    ratio = of_o / counts["errors"].mask(is_o).groupby(panel).transform("max")
    own_scale = is_o & ((ratio > _APART) | (ratio < 1 / _APART))
    longest = counts["errors"].groupby([*panel, own_scale]).transform("max")
    return counts.assign(own_scale=own_scale, length=(counts["errors"] / longest).where(longest > 0, 0))


def _beside_tuned(counts: pd.DataFrame) -> pd.DataFrame:
    """The columns that are read: names, and the label of each bar."""
    is_tuned, cell = counts["regime"] == _TUNED, [counts[name] for name in ("language", "group", "gold")]
    more = (counts["errors"] - counts["errors"].where(is_tuned).groupby(cell).transform("max")).mask(is_tuned)
    brackets = [f" ({signed(value, ',.0f')})" if pd.notna(value) else "" for value in more]
    counts["label"] = [f"{errors:,.0f}{more}" for errors, more in zip(counts["errors"], brackets, strict=True)]
    counts["regime_name"] = counts["regime"].map(REGIME_NAMES)
    counts["place"] = ["all languages" if code == ALL else language_name(code) for code in counts["language"]]
    return counts.round(4)


def _type_menu(tags: pd.Series, name: str) -> alt.Parameter | None:
    return menu({ALL: "all types"} | {tag: tag for tag in _tags(tags)}, name, "Type ")


def _tags(tags: pd.Series) -> list[str]:
    """Types sorted, others and O last."""
    return sorted(set(tags), key=lambda tag: (tag == "O", tag == _OTHERS, tag))


def regime_changes(changes: pd.DataFrame, row: str, x_title: str) -> alt.LayerChart:
    """Changes from a first to a second regime under the names of groups, intervals as whiskers, and a line at zero.

    `changes`: group, first, second (regimes), difference, low, high, the figures of both regimes (first_rate,
    second_rate) for the tooltips, and the column `row`, which names the rows. A menu chooses the two regimes; they are
    the rows themselves where `row` is "pair".
    """
    table = table_for("regime_changes", changes, [*_OF_CHANGE, *([row] if row != _PAIRS else [])])
    pairs = {
        f"{second} {first}": f"{REGIME_NAMES[second]} − {REGIME_NAMES[first]}"
        for first, second in dict.fromkeys(zip(table["first"], table["second"], strict=True))
    }
    table["key"] = table["second"] + " " + table["first"]
    table[_PAIRS] = table["key"].map(pairs)
    table["what"], table["label"] = table[row].astype(str), table["difference"].map(signed)
    table["row"], table["group_name"] = headed(table["group"], table["what"]), table["group"].map(group_name)
    labels = sorted(dict.fromkeys(table["what"]), key=lambda label: label == "O")
    choice = menu(pairs, "changes_pair", "Change ") if row != _PAIRS else None
    tooltip = tips(group_name="group", what=row, pair=_PAIRS)
    tooltip += [alt.Tooltip(f"{column}:Q", format="+.2f") for column in ("difference", "low", "high")]
    tooltip += [alt.Tooltip(f"{column}:Q", format=".2f") for column in ("before", "after")]
    table[["before", "after"]] = table[["first_rate", "second_rate"]]
    shown = ["row", "group_name", "what", "key", _PAIRS, "difference", "low", "high", "label", "before", "after"]
    rows = heading_rows(table, labels)
    # The names of two regimes are written below one another: a phone has little room beside them.
    names = rows["axis"]
    names["labelExpr"] = f"split(replace({names['labelExpr']}, ' − ', ' −|'), '|')"
    base = chosen(alt.Chart(table[shown].round(4)), key=choice).encode(y=rows, tooltip=tooltip)
    axis = alt.Axis(title=wrapped(x_title, 36), labelExpr=SIGNED_TICKS, tickCount=6)
    chart = alt.layer(*difference_layers(base, axis, opacity=1))
    subject = with_intervals("Changes from regime to regime", table["low"])
    found = by_choice(table, ["key"], _of_pair) if choice is not None else _clear_of_zero(table, "")
    return complete(chart, found, subject, {"key": choice}, height=alt.Step(30))


def _of_pair(changes: pd.DataFrame) -> str:
    """The finding about the changes from one regime to one other."""
    first, second = (REGIME_NAMES[changes[side].iloc[0]] for side in ("first", "second"))
    return _clear_of_zero(changes, f"From {first} to {second}, ")


def _clear_of_zero(changes: pd.DataFrame, begins: str) -> str:
    """How many changes have an interval that leaves out 0, and the largest of these."""
    clear = changes[(changes["low"] > 0) | (changes["high"] < 0)]
    one_seed = changes["low"].isna().all()  # there are no intervals
    if clear.empty and not one_seed:
        return f"{begins}{'none' if begins else 'None'} of {len(changes)} changes is clear of 0"
    most = changes.loc[(changes if one_seed else clear)["difference"].abs().idxmax()]
    told = f"{most['group_name']} {most['what']} {signed(most['difference'])}"
    if one_seed:
        return f"{begins}{'the' if begins else 'The'} largest change: {told} (no intervals)"
    if len(clear) == 1:
        return f"{begins}1 of {len(changes)} changes is clear of 0: {told}"
    return f"{begins}{len(clear)} of {len(changes)} changes are clear of 0; the largest of these: {told}"
