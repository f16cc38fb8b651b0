"""§5.3: which weights matter to which language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import pandas as pd
from torch import Tensor

from polyner.analysis.fisher_overlap import agreement, language_overlap, top_overlap
from polyner.corpora.prepare import cap
from polyner.models import load_tagger
from polyner.models.fisher import fisher_information
from polyner.models.tagger import Tagger
from polyner.progress import progress_bar
from polyner.runs import Run
from polyner.runs.derived import derived_table
from polyner.study.protocol import Study
from polyner.study.questions import OVERLAPS

Diagonal: TypeAlias = dict[str, Tensor]

# Parts of the training sentences, each of which is left out in turn.
PARTS = 10
_WITHOUT = [f"overlap_without_{part}" for part in range(PARTS)]
_COLUMNS = ["comparison", "first", "second", "layer", "share", "parameters", "used", "overlap", "precision", "seconds"]
_COLUMNS += _WITHOUT


def overlap_runs(study: Study) -> list[tuple[str, tuple[str, ...], int, Run, list[Run]]]:
    """Every polyglot run of the analysed model and those fine-tuned from it: group, languages, seed, run, runs."""
    found = study.resolve(study.asks(OVERLAPS), together=True)
    tuned = {(ask.group, ask.seed, ask.languages[0]): run for ask, run in found if ask.regime == "fine_tuned"}
    return [
        (ask.group, ask.languages, ask.seed, run, [tuned[ask.group, ask.seed, code] for code in ask.languages])
        for ask, run in found
        if ask.regime == "polyglot"
    ]


def fisher_overlaps(study: Study) -> pd.DataFrame:
    """How far the weights that matter most are the same (Figure 4), for every polyglot run of the analysed model.

    comparison "languages": language `first` and language `second` in the polyglot model (Figure 4 a); "retained": the
    language `first` (= `second`) in the polyglot model and in the one fine-tuned on it (Figure 4 b).
    Columns: model, group, seed, run (the polyglot one), comparison, first, second, layer, share, parameters, used,
    overlap (see `analysis.fisher_overlap.top_overlap`), precision and seconds (of the estimate of
    language `first` in the polyglot model), and overlap_without_0 to overlap_without_9: the overlap without each tenth
    of the training sentences (of every language) in turn, missing where a language has fewer than ten.
    """
    tables = []
    runs, config = overlap_runs(study), study.settings.analyses
    with progress_bar("Fisher information", total=sum(len(languages) for _, languages, *_ in runs)) as advance:
        for group, languages, seed, polyglot, tuned in runs:
            inputs = {
                "runs": [polyglot.id, *(run.id for run in tuned)],
                "corpora": {code: study.corpora[code].fingerprint for code in languages},
                "estimator": config.fisher_estimator,
                "draws": config.fisher_draws,
                "sentences": config.fisher_sentences,
                "parts": PARTS,
            }

            def make(polyglot=polyglot, tuned=tuned, languages=languages) -> pd.DataFrame:
                return _overlaps(study, languages, polyglot, tuned, advance)

            table = derived_table(study.store, "fisher", inputs, "polyner.models.fisher", make)
            tables.append(table.assign(model=study.analysed_model, group=group, seed=seed, run=polyglot.id))
    columns = ["model", "group", "seed", "run", *_COLUMNS]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


class _Information(NamedTuple):
    """The Fisher diagonal of a language: of all sentences, and without each part of them (none where they are few)."""

    whole: Diagonal
    without: list[Diagonal]
    precision: float | None
    seconds: float


def _overlaps(study: Study, languages: Sequence[str], polyglot, tuned, advance) -> pd.DataFrame:
    together = load_tagger(polyglot.folder)
    shared, retained = {}, []
    for language, run in zip(languages, tuned, strict=True):
        shared[language] = _information(study, together, language)
        alone = _information(study, load_tagger(run.folder), language)
        table = top_overlap(shared[language].whole, alone.whole)
        for column, *sides in zip(_WITHOUT, shared[language].without, alone.without, strict=False):
            table[column] = top_overlap(*sides)["overlap"]
        retained.append(table.assign(comparison="retained", first=language, second=language))
        advance(language)
    between = language_overlap({code: each.whole for code, each in shared.items()})
    for part, column in enumerate(_WITHOUT):
        if all(each.without for each in shared.values()):
            between[column] = language_overlap({code: x.without[part] for code, x in shared.items()})["overlap"]
    table = pd.concat([between.assign(comparison="languages"), *retained], ignore_index=True)
    table["precision"] = table["first"].map({code: each.precision for code, each in shared.items()})
    table["seconds"] = table["first"].map({code: each.seconds for code, each in shared.items()})
    return table.reindex(columns=_COLUMNS)


def _information(study: Study, tagger: Tagger, language: str) -> _Information:
    """Estimated part by part: the sum over sentences of one part less is that of the others.

    The draws are divided into two halves, whose agreement is the precision.
    """
    config = study.settings.analyses
    sentences = cap(study.corpora[language], train=config.fisher_sentences).train
    exact = config.fisher_estimator == "exact"
    halves = [None] if exact else [draws for draws in _halves(config.fisher_draws) if draws]
    parts = PARTS if len(sentences) >= PARTS else 1
    sums: list[list[Diagonal]] = []
    seconds = 0.0
    for part in range(parts):
        members, of_part = sentences[part::parts], []
        for half, draws in enumerate(halves):
            found = fisher_information(
                tagger, members, language, estimator=config.fisher_estimator, draws=draws, seed=2 * part + half
            )
            weight = len(members) * (1 if exact else draws / config.fisher_draws)
            of_part.append({name: weight * values for name, values in found.diagonal.items()})
            seconds += found.seconds
        sums.append(of_part)
    by_part = [_sum(of_part) for of_part in sums]
    whole = _sum(by_part)
    # Rounding must not leave a parameter that only this part uses below zero.
    without = [{name: (whole[name] - own[name]).clamp(min=0) for name in whole} for own in by_part]
    precision = None
    if len(halves) > 1:
        precision = agreement(*(_sum([of_part[half] for of_part in sums]) for half in range(2)))
    whole = {name: values / len(sentences) for name, values in whole.items()}
    return _Information(whole, without if parts > 1 else [], precision, seconds)


def _halves(draws: int) -> tuple[int, int]:
    return draws - draws // 2, draws // 2


def _sum(diagonals: Sequence[Diagonal]) -> Diagonal:
    return {name: sum(diagonal[name] for diagonal in diagonals) for name in diagonals[0]}
