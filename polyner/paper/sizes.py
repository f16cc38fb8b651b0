"""What polyglot training and fine-tuning gain, by the size of the training sets (thousands of sentences in the paper),
and by how many languages there are (ten at most in the paper), or how many like a language."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np
import pandas as pd

from polyner.analysis.contrasts import Contrasts, plain
from polyner.analysis.estimates import slopes_over_languages
from polyner.analysis.transfer import shared
from polyner.corpora.languages import Language, language, table2
from polyner.findings import Findings
from polyner.names import PAPER, group_name
from polyner.paper.published import published_results

KINDS = {"genus": "of its genus", "script": "in its script"}
COLUMNS = ["source", "series", "model", "group", "regime", "sentences", "gain", "low", "high", "seeds", "languages"]


def gains_by_size(studies: Iterable[Findings]) -> pd.DataFrame:
    """Gains over monolingual training, a row for each study (and the paper), model, group and regime.

    Columns: source (the study's title), series, model, group, regime (polyglot, fine_tuned), sentences (of training,
    the mean over languages), gain (F1 points, the mean over languages and seeds), low, high (95 %; missing where there
    is no interval), seeds, languages (how many). Of models that find nothing there is no row.
    """
    rows = []
    for each in studies:
        gains = _gains(each.contrasts, each.training_sizes, each.novel)
        rows += [(each.title, each.series, *row) for row in gains]
    sizes = {code: row.train_sentences for code, row in table2().items()}
    rows += [(PAPER, PAPER, *row) for row in _gains(Contrasts(published_results()), sizes, set())]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.assign(seeds=table["seeds"].where(table["source"] != PAPER, 5))


def gains_by_languages(findings: Findings) -> pd.DataFrame:
    """Gains over monolingual training by how many languages the polyglot model was trained on; a row for each set of
    languages, group that has all of them, and regime.

    The sets are the languages of each group that have monolingual models, so that with groups within groups the same
    languages can be followed. Columns: as of `gains_by_size`, where source and series are the smallest group with the
    set; and together (how many languages were trained on). Only of the analysed model.
    """
    results = findings.of_table1[findings.of_table1["model"] == findings.analysed]
    alone, together = results[results["regime"] == "monolingual"], languages_together(findings)
    targets = {group: frozenset(own) for group, own in alone.groupby("group", sort=False)["language"]}
    rows, known = [], set()
    # A group's own languages have the interval that they have everywhere, which pools the seeds of all cells.
    whole = _gains(findings.contrasts, findings.training_sizes, findings.novel)
    for group in sorted(targets.keys() & together.keys(), key=together.__getitem__):
        if targets[group] in known:
            continue
        known.add(targets[group])
        groups = [other for other, codes in targets.items() if targets[group] <= codes and other in together]
        own = results[results["language"].isin(targets[group]) & results["group"].isin(groups)]
        gains = [row for row in whole if row[0] == findings.analysed and targets.get(row[1]) == targets[group]]
        followed = _gains(findings.contrasts.only(own), findings.training_sizes, findings.novel)
        gains += [row for row in followed if targets[row[1]] != targets[group]]
        name = group_name(group)
        rows += [(name, name, *row) for row in gains]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.assign(together=table["group"].map(together))


def languages_together(findings: Findings) -> dict[str, int]:
    """How many languages the polyglot model of each group was trained on (of the analysed model, plain)."""
    return {group: len(codes) for group, codes in findings.together.items()}


def _gains(contrasts: Contrasts, sizes: dict[str, int], novel: set[str]) -> list[tuple]:
    rows = []
    for regime in ("polyglot", "fine_tuned"):
        for (model, group), each in contrasts.differences(*plain("monolingual", regime)).items():
            if group in novel or each.first == each.second == 0:
                continue
            sentences = sum(sizes[code] for code in each.languages) / len(each.languages)
            figures = (each.figure, each.low, each.high, each.seeds, len(each.languages))
            rows.append((model, group, regime, sentences, *figures))
    return rows


def gains_with_relatives(findings: Findings) -> pd.DataFrame:
    """The gain over monolingual training of each language in each group, and how many of the others there are like it.

    Columns: group, language, regime (polyglot, fine_tuned), gain (F1 points), genus, script: how many of the other
    languages of the polyglot model have the same; missing where it is not known. Of the analysed model.
    """
    results, rows = findings.of_table1, []
    for regime in ("polyglot", "fine_tuned"):
        gains = findings.contrasts.differences(*plain("monolingual", regime), by=("model", "group", "language"))
        for (model, group, code), each in gains.items():
            others = [_language(findings, other) for other in findings.together.get(group, ()) if other != code]
            if model == findings.analysed and others and code in set(results["language"]):
                counts = (shared(_language(findings, code), others, kind) * len(others) for kind in KINDS)
                rows.append((group, code, regime, each.figure, *counts))
    return pd.DataFrame(rows, columns=["group", "language", "regime", "gain", *KINDS])


def slopes_by_relatives(findings: Findings) -> pd.DataFrame:
    """By how much a gain rises where there are twice as many languages like it (itself counted), of its genus and in
    its script, both at once; languages and groups have levels of their own (`slopes_over_languages`).

    Columns: regime, like ("genus", "script"), slope (F1 points), low, high (95 %, over languages), languages, cells.
    No rows where the two cannot be told apart, or from the levels.
    """
    rows = []
    for regime, own in gains_with_relatives(findings).dropna().groupby("regime", sort=False):
        predictors = np.log2(1 + own[list(KINDS)].to_numpy(float))
        found = slopes_over_languages(own["gain"], predictors, list(own["language"]), list(own["group"]))
        for kind, each in zip(KINDS, found or (), strict=False):
            rows.append((regime, kind, each.figure, each.low, each.high, len(each.languages), len(own)))
    return pd.DataFrame(rows, columns=["regime", "like", "slope", "low", "high", "languages", "cells"])


def _language(findings: Findings, code: str) -> Language:
    return dataclasses.replace(language(code), **findings.about["settings"].get("facts", {}).get(code, {}))
