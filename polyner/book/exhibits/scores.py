"""The figures and tables of §4, and all verdicts: functions from the findings of a study to what is shown of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import altair as alt
import pandas as pd

from polyner import charts
from polyner.analysis.contrasts import plain
from polyner.analysis.labels import label_divergence
from polyner.analysis.transfer import rank_correlation
from polyner.book.markup import remark
from polyner.book.studies import Exhibit, endings
from polyner.book.tables import folded_table, table_markup
from polyner.book.verdicts import VERDICT, verdict_data, verdict_markup
from polyner.findings import Findings
from polyner.findings.provenance import ALWAYS
from polyner.findings.runs import best_of_seeds
from polyner.names import REGIME_NAMES, group_name, variant_name
from polyner.paper.checks import verdicts
from polyner.paper.marked import marked_table1, table1_averages_with_marks, table1_cells
from polyner.paper.published import table1, table3
from polyner.study.groups import groups_with
from polyner.study.questions import NAMED

MARKS = (
    "▲ and ▼: the mean over seeds differs from the monolingual one: the 95 % interval of the difference, over seeds "
    "and test sentences, leaves out 0, and both have two seeds. Each cell by itself: of twenty without a difference "
    "one is marked by chance."
)


def labels(findings: Findings) -> Exhibit:
    """How the entities of each language's training set divide into types, and how far that is apart in bits."""
    if (shares := label_shares(findings)).empty:
        return Exhibit()
    wide = shares.pivot_table("entities", ["group", "language"], "type", fill_value=0, sort=False).reset_index()
    tables = [table_markup(wide, "Entities of the training sets by type", digits=0)]
    divergence = label_divergence(shares)
    if len(divergence):
        apart = divergence.groupby("group", sort=False)["divergence"].agg(["mean", "max", "count"]).reset_index()
        apart = apart.rename(columns={"count": "pairs"})
        tables.append(table_markup(apart, "Divergence of entity types between two languages (bits)", digits=3))
    return Exhibit([charts.label_distribution(shares)], tables)


def _compared(findings: Findings, regimes: Sequence[str]) -> pd.DataFrame:
    """The plain results of these regimes; none where there is but one of them, with nothing to compare."""
    results = findings.of_table1[findings.of_table1["regime"].isin(regimes)]
    return results if results["regime"].nunique() > 1 else results.iloc[:0]


def table1_of(findings: Findings, regimes: Sequence[str]) -> Exhibit:
    """Table 1 for these regimes: what the last adds to monolingual models, and F1 by regime, beside the paper's."""
    if (results := _compared(findings, regimes)).empty:
        return Exhibit()
    cells = table1_cells(results, findings.contrasts)
    averages = table1_averages_with_marks(results, findings.contrasts)
    title = f"What {REGIME_NAMES[regimes[-1]]} training adds or takes"
    drawn = _changes_beside(cells, regimes[-1], table1(), title, findings.title)
    if len(regimes) > 2:
        means = cells.assign(f1=cells["f1_mean"])
        drawn.append(charts.slopes(means, table1(), "F1 from regime to regime, means over seeds", findings.title))
    else:
        test, title = results[results["split"] == "test"], "F1 by language and training regime"
        drawn.append(charts.regime_dots(test, table1(), title, findings.title))
    groups = {group: marked_table1(cells, averages, group) for group in dict.fromkeys(cells["group"])}
    caption = "Table 1, {}: F1 on test, and the paper's"
    tables = [table_markup(table, caption.format(group_name(group))) for group, table in groups.items()]
    marks = remark(MARKS) if cells["seeds"].max() > 1 else ""
    return Exhibit(drawn, [*tables, marks], [endings(results)], all_sizes=True)


def learning(findings: Findings, regimes: Sequence[str] = ("monolingual", "polyglot")) -> Exhibit:
    """Development F1 by epoch, of the seed that was chosen of each model, regime and language."""
    results = _compared(findings, regimes)
    if results.empty:
        return Exhibit()
    chosen = set(best_of_seeds(results)["run"])
    history = findings.histories
    return Exhibit([charts.learning_curve(history[history["run"].isin(chosen)])])


def variants(findings: Findings, names: Sequence[str] | None = None) -> Exhibit:
    """What variants (by default those that only the settings name) change by language and on average."""
    table = findings.variant_changes()
    table = table[table["variant"].isin(names) if names is not None else ~table["variant"].isin(NAMED)]
    drawn, by_language = [], table[table["language"] != "average"]
    for (regime, variant), cells in by_language.groupby(["regime", "variant"], sort=False):
        name = variant_name(variant)
        title = f"F1 of {REGIME_NAMES[regime]} models: {name} against plain"
        drawn.append(charts.difference(cells.drop(columns="variant"), f"{name} − plain (F1 points)", title))
    if not drawn:
        return Exhibit()
    shown = table.assign(variant=table["variant"].map(variant_name))
    shown = shown.rename(columns={"variant": "what", "first": "plain", "second": "changed"})
    return Exhibit(drawn, [table_markup(shown, "F1 on test"), *gains_with(findings, table["variant"].unique())])


def gains_with(findings: Findings, variants: Iterable[str]) -> list[str]:
    """What polyglot training and fine-tuning gain on average where all regimes have a variant, and where none has."""
    columns = ["model", "group", "what", "regime", "monolingual", "f1", "difference", "low", "high", "seeds"]
    names = {"": "plain"} | {variant: variant_name(variant) for variant in variants}
    found = [findings.contrasts.gains(variant).assign(what=name) for variant, name in names.items()]
    table = pd.concat([gains for gains in found if len(gains)] or found)
    table = table.rename(columns={"first": "monolingual", "second": "f1"})[columns]
    caption = "What polyglot training and fine-tuning gain with it, and without: average F1 on test"
    return [table_markup(table, caption)] if table["what"].nunique() > 1 else []


def unreachable(findings: Findings) -> Exhibit:
    """Entities of the test sets that no output of a model can name."""
    lost = findings.unreachable
    lost = lost[lost["unreachable"] > 0].rename(columns={"share": "share (%)"})
    caption = "Entities of the test sets that no output of the model can name"
    return Exhibit(tables=[table_markup(lost, caption)] if len(lost) else ())


def novel(findings: Findings) -> Exhibit:
    """Table 3: F1 on languages that the polyglot model has not seen, beside the paper's, and what fine-tuning adds."""
    if (results := findings.of_table3).empty:
        return Exhibit()
    cells = table1_cells(results, findings.contrasts)
    title = "F1 on languages that the polyglot model has not seen"
    drawn = [charts.regime_dots(results[results["split"] == "test"], table3(), title, findings.title)]
    drawn += _changes_beside(cells, "fine_tuned", table3(), "What the polyglot model's weights add", findings.title)
    names = {"f1": "best by dev", "f1_mean": "mean", "f1_std": "spread", "difference": "− monolingual"}
    printed = table3().rename(columns={"f1": "the paper"})[["regime", "language", "the paper"]]
    table = cells.merge(printed, on=["regime", "language"], how="left").rename(columns=names)
    columns = ["language", "regime", *names.values(), "low", "high", "mark", "seeds", "the paper"]
    tables = [table_markup(table[columns], "Table 3: F1 on test, and the paper's")]
    return Exhibit(drawn, tables, all_sizes=True)


def relatedness(findings: Findings) -> Exhibit:
    """What fine-tuning gains on a novel language by zero-shot F1, and how near the languages are."""
    near, results = findings.tables.get("relatedness"), findings.of_table3
    if near is None or near.empty or results.empty:
        return Exhibit()
    names = {f"byte_{n}_grams": f"{n}-grams" for n in range(1, 9)} | {"one_name": "one name (F1)"}
    caption = "Shares of the training languages and of the byte n-grams; F1 of calling every sentence one name"
    tables = [table_markup(near.rename(columns=names), caption)]
    by = ("model", "group", "language")
    zero_shot = findings.contrasts.means(by, regime="zero_shot")
    gains = findings.contrasts.differences(*plain("monolingual", "fine_tuned"), by=by)
    rows = [(*key, zero_shot[key].figure, gains[key].figure) for key in zero_shot if key in gains]
    table = pd.DataFrame(rows, columns=[*by, "f1", "gain"]).merge(near, on=["group", "language"])
    if len(table) < 2:
        return Exhibit(tables=tables)
    wide = table3().pivot_table("f1", "language", "regime")
    rows = {"the paper": (wide["zero_shot"], wide["fine_tuned"] - wide["monolingual"])}
    rows |= {findings.title: (table["f1"], table["gain"])}
    found = [{"source": name, **rank_correlation(*both)._asdict()} for name, both in rows.items() if len(both[0]) > 2]
    tables.append(table_markup(pd.DataFrame(found), "Spearman's ρ of zero-shot F1 and gain", digits=3))
    return Exhibit([charts.relatedness_scatter(table)], tables)


def curves(findings: Findings) -> Exhibit:
    """F1 on novel languages by the number of training sentences."""
    table = findings.curves
    if not (table.groupby("language")["sentences"].nunique() > 2).any():
        return Exhibit()
    wide = table.pivot_table("f1", ["language", "sentences"], "regime").reset_index()
    caption = "F1 on test by the number of training sentences (mean over seeds)"
    return Exhibit([charts.target_curves(table)], [table_markup(wide, caption)])


def settings(findings: Findings) -> Exhibit:
    """What the models were trained with: what differs from the defaults, and what matters most."""
    if (table := findings.tables.get("settings")) is None:
        return Exhibit()
    own, default = (table[name].astype(str).replace("None", "none") for name in ("value", "default"))
    both = own.where(own == default, own + " (" + default + ")")
    wide = table.assign(value=both).pivot(index="setting", columns="model", values="value")
    told = (own != default) | table["setting"].isin(ALWAYS)
    wide = wide.loc[list(dict.fromkeys(table.loc[told, "setting"])), list(dict.fromkeys(table["model"]))]
    caption = "Settings of the optimizer, and others that differ from the defaults (in brackets)"
    return Exhibit(tables=[folded_table(wide.reset_index().rename_axis(columns=None), caption)])


def verdicts_on(findings: Findings, claims: Iterable[str] | None = None) -> Exhibit:
    """What a study says about claims (by default all), a row a part; nothing of a recorded one that tests none."""
    judged = verdicts(findings, claims)
    title = "Verdicts, part by part" + (" (no evidence)" if findings.sample else "")
    data = {VERDICT: verdict_data(judged)} if not findings.name else None
    nothing = all(each.verdict in ("not run", "not testable here") for each in judged)
    if nothing and findings.name:
        return Exhibit()
    return Exhibit(tables=[verdict_markup(judged, title)], data=data, behind=nothing, all_sizes=True)


def label_shares(findings: Findings) -> pd.DataFrame:
    """How a language's training entities divide into types: group, language, type, entities, share (0 to 1)."""
    rows = []
    for code, corpus in findings.corpora.items():
        entities = corpus["training_entities"]
        for group in groups_with(findings.settings_groups, code):
            rows += [(group, code, name, count, count / sum(entities.values())) for name, count in entities.items()]
    return pd.DataFrame(rows, columns=["group", "language", "type", "entities", "share"])


def _changes_beside(
    cells: pd.DataFrame, regime: str, paper: pd.DataFrame, title: str, source: str
) -> list[alt.LayerChart]:
    """A chart of how far a regime is from monolingual by language, in means over seeds and in the paper; if it is."""
    keys = ["model", "language"]
    changes = cells[(cells["regime"] == regime) & cells["difference"].notna()]
    changes = changes.assign(second=changes["f1_mean"], first=changes["f1_mean"] - changes["difference"])
    printed = paper.pivot_table("f1", keys, "regime")
    theirs = (printed[regime] - printed["monolingual"]).rename("paper").reset_index()
    columns = [*keys, "group", "first", "second", "difference", "low", "high", "seeds"]
    shown = changes[columns].merge(theirs, on=keys, how="left")
    what = f"{REGIME_NAMES[regime]} − monolingual (F1 points)"
    return [charts.difference(shown, what, title, source)] if len(shown) else []
