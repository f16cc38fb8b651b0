"""§5.3: which weights matter to which language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

import pandas as pd
import torch
from torch import Tensor

from polyner.analysis.contrasts import stacked
from polyner.analysis.fisher_overlap import RANKS, agreement, language_overlap, top_overlap
from polyner.corpora.prepare import cap
from polyner.corpora.sentence import Sentence
from polyner.findings.overlaps import PARTS, WITHOUT
from polyner.models import load_tagger
from polyner.models.fisher import MOST_STATISTICS, fisher_information, statistics_of
from polyner.models.tagger import Tagger
from polyner.progress import progress_bar
from polyner.runs import Run
from polyner.runs.derived import derived_table
from polyner.study.protocol import Study
from polyner.study.questions import OVERLAPS, Question

Diagonal: TypeAlias = dict[str, Tensor]

SOURCES = ("trained", "untrained", "halves")
_COLUMNS = ["comparison", "source", "ranks", "first", "second", "layer", "share", "parameters", "used", "overlap"]
_COLUMNS += ["precision", "seconds", *WITHOUT]


def fisher_findings(study: Study) -> tuple[dict[str, pd.DataFrame], dict]:
    """The tables fisher and estimators."""
    return {"fisher": fisher_overlaps(study), "estimators": estimator_comparison(study)}, {}


def fisher_overlaps(study: Study) -> pd.DataFrame:
    """How far the weights that matter most are the same (Figure 4), for every polyglot run of the analysed model.

    comparison "languages": language `first` and language `second` in the polyglot model (Figure 4 a); "retained": the
    language `first` (= `second`) in the polyglot model and in the one fine-tuned on it (Figure 4 b).
    source "trained": these. "untrained": two networks with fresh weights on the same sentences: two languages in the
    same one (the mean of both), a language in the one and in the other. "halves": the language `first` on one and the
    other half of its sentences, in the polyglot model, or (retained) in the fine-tuned one, from which follows what
    there is at most (`findings.overlaps.whole_overlap`); missing where a language has fewer sentences than parts.
    ranks "layer": in the top of a layer; "gate": in that of an LSTM's gate (see `analysis.fisher_overlap.top_overlap`).
    Columns: model, group, seed, run (the polyglot one), comparison, source, ranks, first, second, layer, share,
    parameters, used, overlap, and of the trained models: precision and seconds (of the estimate of language `first` in
    the polyglot model), and overlap_without_0 to overlap_without_9: the overlap without each tenth of the training
    sentences (of every language) in turn, missing where a language has fewer than ten.
    """
    found, config, tables = study.resolve(study.asks(OVERLAPS), together=True), study.settings.analyses, []
    tuned = {(ask.group, ask.seed, ask.languages[0]): run for ask, run in found if ask.regime == "fine_tuned"}
    polyglot = [(ask, run) for ask, run in found if ask.regime == "polyglot"]
    with progress_bar("Fisher information", total=4 * sum(len(ask.languages) for ask, _ in polyglot)) as advance:
        for ask, run in polyglot:
            runs = {code: tuned[key] for code in ask.languages if (key := (ask.group, ask.seed, code)) in tuned}
            if not runs:
                continue
            inputs = {
                "runs": [run.id, *(each.id for each in runs.values())],
                "corpora": {code: study.corpora[code].fingerprint for code in runs},
                "estimator": config.fisher_estimator,
                "draws": config.fisher_draws,
                "sentences": config.fisher_sentences,
                "parts": PARTS,
                "sources": [SOURCES, RANKS],
            }
            make = partial(_overlaps, study, ask.seed, run, runs, advance)
            table = derived_table(study.store, "fisher", inputs, make)
            tables.append(table.assign(model=ask.model, group=ask.group, seed=ask.seed, run=run.id))
    return stacked(tables, ["model", "group", "seed", "run", *_COLUMNS])


class _Information(NamedTuple):
    """The Fisher diagonal of a language: of all sentences, without each part of them, and of either half of the parts
    (none where the sentences are few)."""

    whole: Diagonal
    without: list[Diagonal]
    halves: list[Diagonal]
    precision: float | None
    seconds: float


def _overlaps(study: Study, seed: int, polyglot: Run, tuned: Mapping[str, Run], advance) -> pd.DataFrame:
    """The overlaps of a polyglot run and those that were fine-tuned from it, by language."""

    def information(tagger: Tagger, language: str, kind: str = "") -> _Information:
        found = _information(study, tagger, language)
        advance(f"{language}{kind}")
        return found

    together = load_tagger(polyglot.folder)
    shared = {code: information(together, code) for code in tuned}
    alone = {code: information(load_tagger(run.folder), code) for code, run in tuned.items()}
    networks = _untrained(together, {code: study.corpora[code].train for code in tuned}, seed)
    fresh = [{code: information(network, code, ", untrained").whole for code in tuned} for network in networks]
    tables = [table.assign(ranks=ranks) for ranks in RANKS for table in _compared(shared, alone, fresh, ranks)]
    table = pd.concat(tables, ignore_index=True)
    trained = table["first"].where(table["source"] == "trained")
    table["precision"] = trained.map({code: each.precision for code, each in shared.items()})
    table["seconds"] = trained.map({code: each.seconds for code, each in shared.items()})
    return table.reindex(columns=_COLUMNS)


def _compared(
    shared: Mapping[str, _Information],
    alone: Mapping[str, _Information],
    fresh: Sequence[Mapping[str, Diagonal]],
    ranks: str,
) -> Iterator[pd.DataFrame]:
    """The overlaps of each comparison and source."""
    between = language_overlap({code: each.whole for code, each in shared.items()}, ranks=ranks)
    retained = _of_each({code: (shared[code].whole, alone[code].whole) for code in shared}, ranks)
    if all(each.without for each in shared.values()):
        for part, column in enumerate(WITHOUT):
            first, second = ({code: each.without[part] for code, each in model.items()} for model in (shared, alone))
            between[column] = language_overlap(first, ranks=ranks)["overlap"]
            retained[column] = _of_each({code: (first[code], second[code]) for code in first}, ranks)["overlap"]
    yield between.assign(comparison="languages", source="trained")
    yield retained.assign(comparison="retained", source="trained")
    untrained = [language_overlap(diagonals, ranks=ranks) for diagonals in fresh]
    means = {name: sum(table[name] for table in untrained) / len(untrained) for name in ("used", "overlap")}
    yield untrained[0].assign(**means, comparison="languages", source="untrained")
    pairs = {code: tuple(diagonals[code] for diagonals in fresh) for code in shared}
    yield _of_each(pairs, ranks).assign(comparison="retained", source="untrained")
    for comparison, model in (("languages", shared), ("retained", alone)):
        if halves := {code: each.halves for code, each in model.items() if each.halves}:
            yield _of_each(halves, ranks).assign(comparison=comparison, source="halves")


def _of_each(sides: Mapping[str, Sequence[Diagonal]], ranks: str) -> pd.DataFrame:
    """The overlap of two diagonals of each language."""
    tables = [top_overlap(*pair, ranks=ranks).assign(first=code, second=code) for code, pair in sides.items()]
    return pd.concat(tables, ignore_index=True)


def _untrained(tagger: Tagger, training: Mapping[str, Sequence[Sentence]], seed: int) -> list[Tagger]:
    """Two networks of the tagger's form with fresh weights."""
    networks = []
    for own in (0, 1):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(2 * seed + own)
            networks.append(type(tagger).build(tagger.config, training).to(tagger.device))
    return networks


def _information(study: Study, tagger: Tagger, language: str) -> _Information:
    """Estimated part by part: the sum over sentences of one part less is that of the others.

    The draws are divided into two halves, whose agreement is the precision.
    """
    config = study.settings.analyses
    sentences = cap(study.corpora[language], train=config.fisher_sentences).train
    exact = config.fisher_estimator == "exact"
    halves = [config.fisher_draws] if exact else [n for extra in (1, 0) if (n := (config.fisher_draws + extra) // 2)]
    parts = PARTS if len(sentences) >= PARTS else 1
    sums: list[list[Diagonal]] = []
    seconds = 0.0
    for part in range(parts):
        members, of_part = sentences[part::parts], []
        for half, draws in enumerate(halves):
            found = fisher_information(
                tagger, members, language, estimator=config.fisher_estimator, draws=draws, seed=2 * part + half
            )
            weight = len(members) * draws / config.fisher_draws
            of_part.append({name: weight * values for name, values in found.diagonal.items()})
            seconds += found.seconds
        sums.append(of_part)
    by_parts = [_sum(of_part) for of_part in sums]
    total = _sum(by_parts)
    whole = {name: values / len(sentences) for name, values in total.items()}
    precision = agreement(*map(_sum, zip(*sums, strict=True))) if len(halves) > 1 else None
    if parts == 1:
        return _Information(whole, [], [], precision, seconds)
    # Rounding must not leave a parameter that only this part uses below zero.
    without = [{name: (total[name] - own[name]).clamp(min=0) for name in total} for own in by_parts]
    return _Information(whole, without, [_sum(by_parts[start::2]) for start in range(2)], precision, seconds)


def _sum(diagonals: Sequence[Diagonal]) -> Diagonal:
    return {name: sum(diagonal[name] for diagonal in diagonals) for name in diagonals[0]}


# Tag sequences that the paper draws for each sentence.
PAPER_DRAWS = 1000


def estimator_comparison(study: Study, sentences: int = 8, draws: int = 16) -> pd.DataFrame:
    """What each estimator of the Fisher information costs, and how well it agrees with the exact one.

    Measured on the first training sentences of the first language that "exact" can take (`MOST_STATISTICS`), in its
    group's polyglot model of the first seed. "signs" and "sampled" see them as one mini-batch, once with `draws` draws,
    and once with as many backward passes as "literal", which draws as often for each sentence.
    Columns: language, estimator, draws, passes (backward; missing for "exact"), seconds (of "signs" and "sampled", the
    least of three tries), whole (seconds for all training sentences of the language, and 1,000 draws of "literal" as in
    the paper: extrapolated), correlation (of ranks with "exact", the mean over layers weighted by their size). Empty
    where there is no polyglot model, or no such sentence.
    """
    columns = ["language", "estimator", "draws", "passes", "seconds", "whole", "correlation"]
    if not (found := study.resolve(study.asks(Question(("polyglot",), models="analysed"))[:1])):
        return pd.DataFrame(columns=columns)
    ((ask, run),) = found
    code, corpus = ask.languages[0], study.corpora[ask.languages[0]]
    inputs = {"run": run.id, "corpus": corpus.fingerprint, "sentences": sentences, "draws": draws}

    def make() -> pd.DataFrame:
        tagger = load_tagger(run.folder)
        if not (few := [each for each in corpus.train if statistics_of(each, tagger) <= MOST_STATISTICS][:sentences]):
            return pd.DataFrame(columns=columns)
        plan = [("exact", draws)]
        plan += [(name, count) for name in ("signs", "sampled") for count in (draws, draws * len(few))]
        plan.append(("literal", draws))
        rows, exact = [], None
        with progress_bar("estimators", total=len(plan)) as advance:
            for name, count in plan:
                options = {"estimator": name, "draws": count, "batch_size": len(few)}
                times = 3 if name in ("signs", "sampled") else 1  # those are over before a busy machine evens out
                tries = (fisher_information(tagger, few, code, **options) for _ in range(times))
                best = min(tries, key=lambda fisher: fisher.seconds)
                exact = exact or best.diagonal
                # "literal" goes sentence by sentence, and in the paper with more draws.
                batches, more = (len(few), PAPER_DRAWS / count) if name == "literal" else (1, 1)
                passes = best.draws and best.draws * batches
                whole = len(corpus.train) / len(few) * more * best.seconds
                rows.append((code, name, best.draws, passes, best.seconds, whole, agreement(exact, best.diagonal)))
                advance(name)
        return pd.DataFrame(rows, columns=columns)

    return derived_table(study.store, "estimators", inputs, make)
