"""§6: whether a language gains by those of its family, or by those in its script, that it is trained with."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from polyner.analysis.contrasts import plain
from polyner.analysis.hypotheses import slopes_over_languages
from polyner.analysis.transfer import shared
from polyner.corpora.languages import Language, language
from polyner.findings.findings import Findings

KINDS = {"genus": "of its genus", "script": "in its script"}


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
