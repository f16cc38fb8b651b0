"""§5.3: which weights matter to which language."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from polyner.analysis.estimates import Estimate
from polyner.analysis.fisher_overlap import RANKS, agreement, copula_overlap, language_overlap, top_overlap
from polyner.analysis.inference import Scores
from polyner.corpora.prepare import cap
from polyner.corpora.sentence import Sentence
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
# What is compared: the trained models; networks of the same form with fresh weights; the same language and model on one
# and the other half of its sentences.
SOURCES = ("trained", "untrained", "halves")
_COLUMNS = ["comparison", "source", "ranks", "first", "second", "layer", "share", "parameters", "used", "overlap"]
_COLUMNS += ["precision", "seconds", *_WITHOUT]
# The share whose overlap tells what a Gaussian copula implies at the others.
QUARTER = 0.25


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
    source "trained": these. "untrained": what there is by the form of the network alone, in two networks with fresh
    weights on the same sentences: two languages in the same one (the mean of both), a language in the one and in the
    other. "halves": what there is at most, the language `first` on one and the other half of its sentences, in the
    polyglot model, or (retained) in the fine-tuned one; estimates from half of the sentences are the less precise ones,
    so this is rather too low. Missing where a language has fewer sentences than parts.
    ranks "layer": in the top of a layer; "gate": in that of an LSTM's gate (see `analysis.fisher_overlap.top_overlap`).
    Columns: model, group, seed, run (the polyglot one), comparison, source, ranks, first, second, layer, share,
    parameters, used, overlap, and of the trained models: precision and seconds (of the estimate of language `first` in
    the polyglot model), and overlap_without_0 to overlap_without_9: the overlap without each tenth of the training
    sentences (of every language) in turn, missing where a language has fewer than ten.
    """
    tables = []
    runs, config = overlap_runs(study), study.settings.analyses
    with progress_bar("Fisher information", total=4 * sum(len(languages) for _, languages, *_ in runs)) as advance:
        for group, languages, seed, polyglot, tuned in runs:
            inputs = {
                "runs": [polyglot.id, *(run.id for run in tuned)],
                "corpora": {code: study.corpora[code].fingerprint for code in languages},
                "estimator": config.fisher_estimator,
                "draws": config.fisher_draws,
                "sentences": config.fisher_sentences,
                "parts": PARTS,
                "sources": [SOURCES, RANKS],
            }

            def make(polyglot=polyglot, tuned=tuned, languages=languages, seed=seed) -> pd.DataFrame:
                return _overlaps(study, languages, seed, polyglot, tuned, advance)

            table = derived_table(study.store, "fisher", inputs, make)
            tables.append(table.assign(model=study.analysed_model, group=group, seed=seed, run=polyglot.id))
    columns = ["model", "group", "seed", "run", *_COLUMNS]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


@dataclass(frozen=True)
class OverlapFigure:
    """An overlap with what it would be by construction, in percent: means over LSTM layers, languages and seeds.

    estimate: of the trained models. Seeds are polyglot runs with what was fine-tuned from them; the variance over
    training sentences is a jackknife that leaves out a tenth of every language's sentences at a time.
    untrained: of networks with fresh weights; copula: what the overlap of the top quarter implies at this share
    (`analysis.fisher_overlap.copula_overlap`, cell by cell), None at the quarter itself; halves: of one language with
    itself. within_gates: the estimate with ranks taken within each gate, None where it was not computed, and
    untrained_within_gates that of fresh networks. What was not computed is nan.
    less_untrained, less_copula, less_halves: the estimate less these, in points, with the doubt that there is about
    them too: none is a fixed line. (Fresh networks differ from seed to seed, and what the copula implies hangs on the
    overlap of the same networks' top quarter.) None where there is no such figure.
    """

    estimate: Estimate
    untrained: float
    copula: float | None
    halves: float
    within_gates: Estimate | None
    untrained_within_gates: float = float("nan")
    less_untrained: Estimate | None = None
    less_copula: Estimate | None = None
    less_halves: Estimate | None = None


def overlap_figures(table: pd.DataFrame) -> dict[tuple[str, str, float], OverlapFigure]:
    """The figures of §5.3 by group, comparison and share, from the table of `fisher_overlaps`."""
    if "run" not in table:  # in records
        table = table.assign(run=table["group"] + " " + table["seed"].astype(str))
    if "source" not in table:
        table = table.assign(source="trained", ranks="layer")
    table = table[table["layer"].str.contains("LSTM", na=False)].reindex(columns=[*_CELL, "source", "ranks", *_FIGURES])
    known = table.groupby(["source", "ranks", "group", "comparison", "share"])["overlap"].mean() * 100
    layers = dict(iter(table[table["ranks"] == "layer"].groupby("source")))
    trained = layers["trained"]
    gates = _estimates(table[(table["source"] == "trained") & (table["ranks"] == "gate")])
    less = {source: _estimates(trained, layers.get(source, table.iloc[:0])) for source in ("untrained", "halves")}
    less_copula = _estimates(trained, _implied(trained))
    return {
        key: OverlapFigure(
            estimate,
            known.get(("untrained", "layer", *key), float("nan")),
            estimate.figure - less_copula[key].figure if key in less_copula else None,
            known.get(("halves", "layer", *key), float("nan")),
            gates.get(key),
            known.get(("untrained", "gate", *key), float("nan")),
            less["untrained"].get(key),
            less_copula.get(key),
            less["halves"].get(key),
        )
        for key, estimate in _estimates(trained).items()
    }


def overlap_table(figures: Mapping[tuple[str, str, float], OverlapFigure]) -> pd.DataFrame:
    """Figures one a row: comparison, group, share, overlap, low, high, untrained, copula, halves, within_gates,
    untrained_within_gates (percent). With one seed, low and high are the interval over sentences."""
    rows = []
    for (group, comparison, share), each in figures.items():
        overlap, gates = each.estimate, each.within_gates
        bounds = overlap.over_sentences if math.isnan(overlap.variance) else overlap.interval()
        beside = (each.untrained, each.copula, each.halves, gates.figure if gates else None)
        rows.append((comparison, group, share, overlap.figure, *bounds, *beside, each.untrained_within_gates))
    columns = ["comparison", "group", "share", "overlap", "low", "high"]
    columns += ["untrained", "copula", "halves", "within_gates", "untrained_within_gates"]
    return pd.DataFrame(rows, columns=columns).sort_values(["comparison", "group"], kind="stable", ignore_index=True)


_FIGURES = ["overlap", *_WITHOUT]
_CELL = ["model", "comparison", "group", "first", "second", "layer", "share", "seed", "run"]


def _estimates(trained: pd.DataFrame, less: pd.DataFrame | None = None) -> dict[tuple[str, str, float], Estimate]:
    """The mean overlap by group, comparison and share in percent, or what remains of it without `less`.

    Where `less` was not computed without parts of the sentences, it counts as a whole.
    """
    found = {}
    keys = [key for key in _CELL if key not in ("second", "layer")]
    cells = 100 * trained.groupby(keys)[_FIGURES].mean()
    if less is not None:
        base = 100 * less.groupby(keys)[_FIGURES].mean()
        cells = (cells - base.T.fillna(base["overlap"]).T).dropna(subset="overlap")
    cells = cells.reset_index().rename(columns={"comparison": "regime", "first": "language", "overlap": "value"})
    for share, own in cells.assign(variant="", split="").groupby("share"):
        for (_, comparison, group), estimate in Scores(own, split="", value="value").means(_BY).items():
            without = own.loc[(own["regime"] == comparison) & (own["group"] == group), _WITHOUT].mean()
            if without.notna().all():
                moved = (PARTS - 1) / PARTS * float(((without - without.mean()) ** 2).sum())
                estimate = estimate.with_sentences(moved, PARTS - 1)
            found[group, comparison, share] = estimate
    return found


_BY = ("model", "regime", "group")


def _implied(trained: pd.DataFrame) -> pd.DataFrame:
    """What a Gaussian copula implies at all shares but the quarter, in place of the overlaps there."""
    same = [key for key in _CELL if key != "share"]
    rest, quarter = trained[trained["share"] != QUARTER], trained[trained["share"] == QUARTER]
    known = rest[same].merge(quarter, how="left", on=same)[_FIGURES].to_numpy(float)
    values = np.full_like(known, np.nan)
    for share in set(rest["share"]):
        own = (rest["share"] == share).to_numpy()
        values[own] = copula_overlap(known[own], QUARTER, share)
    return rest.assign(**dict(zip(_FIGURES, values.T, strict=True)))


class _Information(NamedTuple):
    """The Fisher diagonal of a language: of all sentences, without each part of them, and of either half of the parts
    (none where the sentences are few)."""

    whole: Diagonal
    without: list[Diagonal]
    halves: list[Diagonal]
    precision: float | None
    seconds: float


def _overlaps(study: Study, languages: Sequence[str], seed: int, polyglot, tuned, advance) -> pd.DataFrame:
    together = load_tagger(polyglot.folder)
    shared, alone = {}, {}
    fresh: list[dict[str, Diagonal]] = []
    for language, run in zip(languages, tuned, strict=True):
        shared[language] = _information(study, together, language)
        advance(language)
        alone[language] = _information(study, load_tagger(run.folder), language)
        advance(language)
    training = {language: study.corpora[language].train for language in languages}
    for network in _untrained(together, training, seed):
        fresh.append({})
        for language in languages:
            fresh[-1][language] = _information(study, network, language, by_part=False).whole
            advance(f"{language}, untrained")
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
        for part, column in enumerate(_WITHOUT):
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
        halves = {code: each.halves for code, each in model.items() if each.halves}
        if halves:
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


def _information(study: Study, tagger: Tagger, language: str, by_part: bool = True) -> _Information:
    """Estimated part by part: the sum over sentences of one part less is that of the others.

    The draws are divided into two halves, whose agreement is the precision. Without `by_part`, only the whole is kept.
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
    by_parts = [_sum(of_part) for of_part in sums]
    total = _sum(by_parts)
    whole = {name: values / len(sentences) for name, values in total.items()}
    if not by_part:
        return _Information(whole, [], [], None, seconds)
    precision = None
    if len(halves) > 1:
        precision = agreement(*(_sum([of_part[half] for of_part in sums]) for half in range(2)))
    if parts == 1:
        return _Information(whole, [], [], precision, seconds)
    # Rounding must not leave a parameter that only this part uses below zero.
    without = [{name: (total[name] - own[name]).clamp(min=0) for name in total} for own in by_parts]
    return _Information(whole, without, [_sum(by_parts[start::2]) for start in range(2)], precision, seconds)


def _halves(draws: int) -> tuple[int, int]:
    return draws - draws // 2, draws // 2


def _sum(diagonals: Sequence[Diagonal]) -> Diagonal:
    return {name: sum(diagonal[name] for diagonal in diagonals) for name in diagonals[0]}
