"""The figures and tables of the pages beyond the paper: functions from the findings of a study to what is shown."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from polyner import charts
from polyner.analysis.inference import Scores
from polyner.book.exhibits.scores import gains_with
from polyner.book.studies import Exhibit
from polyner.book.tables import folded_table, table_markup
from polyner.findings import Findings
from polyner.names import VARIANT_NAMES, variant_name
from polyner.paper.sizes import KINDS, gains_by_languages, gains_with_relatives, languages_together, slopes_by_relatives
from polyner.study.variants import variants_of

_TUNED = {"regime": "fine_tuned", "variant": ""}


def many_languages(findings: Findings) -> Exhibit:
    """Gains over monolingual training by how many languages are trained together; of studies with several groups."""
    table = gains_by_languages(findings)
    if table["together"].nunique() < 2:
        return Exhibit()
    columns = ["group", "series", "languages", "regime", "gain", "low", "high", "seeds"]
    shown = table[columns].rename(columns={"group": "trained on", "series": "languages of", "languages": "mean over"})
    by_language = gains_with_relatives(findings).pivot_table("gain", ["regime", "language"], "group", sort=False)
    tables = [table_markup(shown, "Gain over monolingual training (F1 points)")]
    tables.append(table_markup(by_language.reset_index(), "Gain by language (F1 points)", digits=1))
    within = table.groupby("series")["together"].nunique().max() > 1
    return Exhibit([charts.gains_by_languages(table)], tables, behind=not within)


def relatives(findings: Findings) -> Exhibit:
    """What a language gains by others of its genus and in its script, of studies with groups within groups."""
    if (slopes := slopes_by_relatives(findings)).empty:
        return Exhibit()
    shown = slopes.assign(like=slopes["like"].map(KINDS)).rename(columns={"like": "twice as many languages"})
    caption = "What a language gains where twice as many are like it (F1 points), with 95 % intervals over languages"
    counts = gains_with_relatives(findings).query("regime == 'fine_tuned'").set_index(["language", "group"])
    groups = sorted(set(counts.index.get_level_values("group")), key=languages_together(findings).__getitem__)
    wide = counts[list(KINDS)].stack().unstack("group")[groups].reset_index(names=["language", "like"])
    return Exhibit(tables=[table_markup(shown, caption), folded_table(wide, "How many of the others are like it", 0)])


def capacity(findings: Findings) -> Exhibit:
    """What hidden layers of twice the size change in polyglot models, by group."""
    cells, averages = _changed_by("double_size", findings)
    if cells.empty:
        return Exhibit()
    cells = cells[cells["language"].isin(set(findings.of_table1["language"]))]
    names = {"first": "plain", "second": "twice the size", "languages": "mean over"}
    together = averages["group"].map(languages_together(findings)).astype("Int64")
    shown = averages.assign(languages=together).rename(columns=names)
    columns = ["group", "mean over", "plain", "twice the size", "difference", "low", "high", "seeds"]
    caption = "F1 on test, averaged over all languages of the group"
    title = "F1 of polyglot models: twice the size against plain"
    drawn = [charts.difference(cells, "twice the size − plain (F1 points)", title)]
    tables = [table_markup(shown[columns], caption), *gains_with(findings, ["double_size"])]
    return Exhibit(drawn, tables, behind=len(averages) < 2)


def sampling(findings: Findings) -> Exhibit:
    """What uniform sampling changes in polyglot models, by language with the sentences it has; where sizes differ."""
    cells, averages = _changed_by("uniform_sampling", findings)
    if cells.empty:
        return Exhibit()
    sizes, names = findings.training_sizes, {"first": "in proportion", "second": "uniform"}
    cells = cells.sort_values("language", key=lambda codes: -codes.map(sizes), kind="stable")
    shown = pd.concat([cells, averages]).rename(columns=names)
    shown["training sentences"] = shown["language"].map(sizes).astype("Int64")
    columns = ["group", "language", "training sentences", *names.values(), "difference", "low", "high", "seeds"]
    title = "F1 of polyglot models: uniform sampling against in proportion"
    drawn = [charts.difference(cells, "uniform − in proportion (F1 points)", title)]
    return Exhibit(drawn, [table_markup(shown[columns], "F1 on test by how languages are sampled")])


def _changed_by(variant: str, findings: Findings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Of `Findings.variant_changes` those by a variant of polyglot models: in each language, and on group averages."""
    table = findings.variant_changes()
    table = table[(table["variant"] == variant) & (table["regime"] == "polyglot")].drop(columns="variant")
    average = table["language"] == "average"
    return table[~average], table[average]


def joint_training(findings: Findings) -> Exhibit:
    """What each way of combining the languages' gradients reaches and costs, by group (means over seeds)."""
    rows = []
    asked = [(each, ask) for each in findings.runs for ask in each["asks"] if ask["regime"] == "polyglot"]
    for each, ask in asked:
        updates = -(-sum(each["sentences"].values()) // each["spec"]["training"].get("batch_size", 32))
        history = pd.DataFrame(each["history"])
        told = {"group": ask["group"], "variant": ask["variant"], "seed": each["spec"]["seed"]}
        told |= {"updates": updates * len(history), "dev": history["dev_f1"], "epochs": len(history)}
        rows.append({**told, "seconds per 100 updates": 100 * history["seconds"].min() / updates})
    table = pd.DataFrame(rows)
    if table.empty or not (names := {"pcgrad", "mgda"} & set(table["variant"])):
        return Exhibit()
    table = table[table["variant"].isin(["", *names])]
    table = table[table.groupby("group")["variant"].transform("nunique") > 1]
    fewest = table.groupby(["group", "seed"])["epochs"].transform("min")
    dev = [own["dev"].iloc[:least].max() for (_, own), least in zip(table.iterrows(), fewest, strict=True)]
    table = table.assign(**{"dev F1 at as many updates": dev})
    # Another seed may have had a busier machine: of the seconds the least.
    ways = {"updates": "mean", "seconds per 100 updates": "min", "dev F1 at as many updates": "mean"}
    table = table.groupby(["group", "variant"], sort=False, as_index=False).agg(ways)
    table["updates"] = table["updates"].round().astype(int)
    table["variant"] = table["variant"].map(lambda name: variant_name(name) if name else "plain")
    table = table.rename(columns={"variant": "gradients"})
    caption = "What each way of joint training costs: means over seeds, and the seconds of the fastest"
    return Exhibit(tables=[table_markup(table, caption)])


def forgetting(findings: Findings) -> Exhibit:
    """F1 on the language fine-tuned on against what is kept of the group's others, by way and strength."""
    if (table := trade_off_table(findings)).empty:
        return Exhibit()
    names = {"name": "fine-tuning", "target_f1": "F1 on its language", "target": "− plain", "target_low": "from"}
    names |= {"target_high": "to", "kept_f1": "F1 on the others", "kept": "others − plain"}
    names |= {"kept_low": "others from", "kept_high": "others to"}
    shown = table[["group", *names, "seeds"]].rename(columns=names)
    caption = "F1 on test after fine-tuning, means over languages"
    return Exhibit([charts.trade_off(table)], [table_markup(shown, caption)])


def trade_off_table(findings: Findings) -> pd.DataFrame:
    """What `charts.trade_off` draws, and target_f1 (percent)."""
    variants, rows = variants_of(findings.about["settings"].get("variants", {})), []
    for (group, variant), others in findings.estimates.get("kept", {}).items():
        polyglot = variant == "polyglot"
        second = {"regime": "polyglot", "variant": ""} if polyglot else {"regime": "fine_tuned", "variant": variant}
        if (own := findings.contrasts.differences(_TUNED, second).get((findings.analysed, group))) is None:
            continue
        objective = variants[variant].objective if variant in variants and not polyglot else {}
        row = {"group": group, "name": "not fine-tuned" if polyglot else variant_name(variant)}
        row["kind"] = "polyglot" if polyglot else VARIANT_NAMES.get(objective.get("name"), variant_name(variant))
        row |= {"strength": 0.0 if polyglot else objective.get("strength", 1.0)}
        for name, each in (("target", own), ("kept", others)):
            row |= {name: each.figure, f"{name}_low": each.low, f"{name}_high": each.high, f"{name}_f1": each.second}
        rows.append({**row, "seeds": min(own.seeds, others.seeds)})
    for own in list({row["group"]: row for row in reversed(rows)}.values()):
        plain_row = {"name": "plain", "kind": "plain", "strength": 0.0, "group": own["group"], "seeds": own["seeds"]}
        plain_row |= {"target": 0.0, "kept": 0.0, "target_f1": own["target_f1"] - own["target"]}
        rows.append({**plain_row, "kept_f1": own["kept_f1"] - own["kept"]})
    return pd.DataFrame(rows).sort_values(["group", "kind", "strength"], ignore_index=True) if rows else pd.DataFrame()


def conflicts(findings: Findings) -> Exhibit:
    """Where in the network the languages' gradients agree: mean cosines by layer, with intervals over seeds."""
    if (table := findings.tables.get("conflicts")) is None or table.empty:
        return Exhibit()
    cells = table.assign(model=findings.analysed, regime=table["source"], language=table["layer"])
    scores = Scores(cells, value="cosine")
    below = table.groupby(["source", "variant", "group", "layer"])["below_zero"].mean()
    means = scores.means(by=("regime", "variant", "group", "language"), model=findings.analysed)
    columns = ["source", "variant", "group", "layer", "cosine", "low", "high", "below_zero"]
    cosines = {key: replace(each, least=-1.0, most=1.0) for key, each in means.items()}
    rows = [(*key, each.figure, *each.interval(), below[key]) for key, each in cosines.items()]
    shown = pd.DataFrame(rows, columns=columns)
    whole = shown[shown["layer"] == "all"].drop(columns="layer").rename(columns={"below_zero": "pairs below zero"})
    whole["variant"] = whole["variant"].map(lambda name: variant_name(name) if name else "plain")
    caption = "Cosine of two languages’ gradients of all parameters, mean over pairs"
    return Exhibit([charts.conflicts(shown[shown["variant"] == ""])], [table_markup(whole, caption)])


def course(findings: Findings) -> Exhibit:
    """How the languages' gradients come to point apart as a polyglot model learns: means over seeds."""
    if (table := findings.tables.get("course")) is None or table.empty:
        return Exhibit()
    # The last epoch of a run is another one for each seed.
    shared = table.groupby(["group", "epoch"])["seed"].transform("nunique")
    common = shared == table.groupby("group")["seed"].transform("nunique")
    ends = table["epoch"] == table.groupby(["group", "seed"])["epoch"].transform("max")
    means = table[common | ends].assign(last=ends)
    by = ["group", "last", "epoch", "layer"]
    means["epoch"] = means["epoch"].mask(ends, means.groupby("group")["epoch"].transform("max"))
    means = means.groupby(by, sort=False)[["cosine", "below_zero"]].mean().reset_index().drop(columns="last")
    wide = means.pivot_table("cosine", ["group", "layer"], "epoch", sort=False).reset_index()
    caption = "Cosine of two languages’ gradients after so many epochs, mean over pairs and seeds"
    return Exhibit([charts.course(means)], [table_markup(wide, caption)])
