"""What polyglot training and fine-tuning gain, by the size of the training sets: the paper trained on thousands of
sentences a language, and what there is to gain from other languages may depend on that."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from polyner.analysis.contrasts import Contrasts, plain
from polyner.corpora.languages import table2
from polyner.findings import Findings
from polyner.paper.published import published_results

PAPER = "the paper"
COLUMNS = ["source", "series", "model", "group", "regime", "sentences", "gain", "low", "high", "seeds", "languages"]


def gains_by_size(studies: Iterable[Findings]) -> pd.DataFrame:
    """Gains over monolingual training, a row for each study (and the paper), model, group and regime.

    Columns: source (the study's title), series, model, group, regime (polyglot, fine_tuned), sentences (of training,
    the mean over languages), gain (F1 points, the mean over languages and seeds), low, high (95 %; missing where there
    is no interval), seeds, languages (how many). Of models that find nothing there is no row.
    """
    rows = []
    for each in studies:
        sizes = {code: corpus["sentences"]["train"] for code, corpus in each.corpora.items()}
        told = (each.title, each.series)
        rows += [(*told, *row) for row in _gains(each.contrasts, sizes, each.novel)]
    sizes = {code: row.train_sentences for code, row in table2().items()}
    printed = _gains(Contrasts(published_results()), sizes, set())
    rows += [(PAPER, PAPER, *row) for row in printed]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.assign(seeds=table["seeds"].where(table["source"] != PAPER, 5))


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
