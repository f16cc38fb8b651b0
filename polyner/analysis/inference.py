"""Means, differences and ratios of scores with their intervals: what other seeds and other test sentences would change.

A figure is a function of the mean scores of cells (model, regime, variant, group, language). Two things about it are
chance, and independent of each other.

Seeds. A *unit* is what is repeated with another seed: a monolingual run; a polyglot run together with what was
fine-tuned from it and its zero-shot scores. Cells that share a unit form a *stratum*: one monolingual cell, or a family
of polyglot and fine-tuned cells. Within a stratum each unit makes one contribution to the figure, and these vary;
strata are independent, so their variances add up. Three seeds say little about a variance, hence strata of one kind
share one: monolingual cells of a model; families of a model that make the same contribution to the figures asked for
together, in other groups or languages. A mean over more languages varies less, by what each language adds itself.

Sentences. The variance over test sentences is the jackknife's: each sentence is left out in turn, for all runs of its
language at once. Two runs of a cell differ more on these sentences than on all there could be, and this part of their
difference is in both variances; it is counted once, as for any two crossed random factors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from polyner.analysis.estimates import Estimate
from polyner.analysis.sentences import Array, by_sentence, f1_of
from polyner.scoring import SPANS

KEYS = ("model", "regime", "variant", "group", "language")

Key = tuple[str, ...]


class _Part(NamedTuple):
    """What one stratum contributes to a figure: weights of its cells, and the units that have all of these cells."""

    stratum: int
    pool: Key
    cells: NDArray[np.intp]
    weights: Array
    units: NDArray[np.intp]

    @property
    def seeds(self) -> int:
        return len(self.units)

    @property
    def size(self) -> float:
        return float(np.abs(self.weights).sum())


class _Spread(NamedTuple):
    """A variance over units of contributions of size 1, pooled over strata, and its degrees of freedom.

    A contribution is a mean over languages: their runs have something in common, and each varies by itself (`each`).
    `share` is the mean of 1 / languages over the strata, so that a mean over more languages is given less variance.
    """

    variance: float
    freedom: float
    each: float
    share: float

    def of(self, languages: int) -> float:
        """The variance of a mean over so many languages; with few seeds it may come out below 0."""
        return self.variance + self.each * (1 / languages - self.share)

    def least(self, languages: int) -> float:
        """What it is at least, as languages vary by themselves."""
        return min(self.variance, self.each / languages)


class Scores:
    """The scores of runs by cell, and figures of them with what is chance about them.

    `results` has a row for each run and language: model, regime, variant, group, language, seed, run, and the score
    in the column `value`. A column `parent` may say from which polyglot run one was fine-tuned; otherwise it is
    that of the same model, variant (or no variant), group and seed, with the run of a zero-shot score where the group
    has no polyglot run.
    Where not every unit has all cells of a figure, those that have make it up, as pairs; where none has, each cell
    stands by itself.
    `counts` has a row for each run, language and test sentence: run, language, sentence, and the `columns` whose sums
    `figure` turns into the score (span counts into F1); and a column group where they depend on it. Without it, doubt
    comes from seeds only.

    Raises ValueError where a cell has one run twice, where the runs of a language have other sentences or gold
    entities, and where counts and results disagree about a score.
    """

    def __init__(
        self,
        results: pd.DataFrame,
        counts: pd.DataFrame | None = None,
        value: str = "f1",
        columns: Sequence[str] = SPANS,
        figure: Callable[[Array], Array] = f1_of,
    ) -> None:
        rows = results.reset_index(drop=True)
        repeated = rows.duplicated([*KEYS, "run"]) | rows.duplicated([*KEYS, "seed"])
        if repeated.any():
            row = rows[repeated].iloc[0]
            raise ValueError(f"more than one run of a cell: {', '.join(str(row[key]) for key in [*KEYS, 'seed'])}")
        cell = rows.groupby([*KEYS], sort=False).ngroup().to_numpy()
        self.cells = rows[[*KEYS]].drop_duplicates(ignore_index=True)
        self._named = self.cells.to_dict("records")
        unit, _ = pd.factorize(np.array(_units(rows), dtype=object))
        # Several runs of a cell may be fine-tuned from one parent: they are one unit, with their mean.
        own = rows.groupby([cell, unit])
        self._runs: dict[tuple[int, int], list[str]] = own["run"].agg(list).to_dict()
        self._scores = np.ascontiguousarray(own[value].mean().unstack(), dtype=float)
        shared = sparse.csr_matrix(~np.isnan(self._scores), dtype=float)
        self._strata = sparse.csgraph.connected_components(shared @ shared.T, directed=False)[1]
        self._alone = np.bincount(self._strata)[self._strata] == 1 if len(self.cells) else np.array([], dtype=bool)
        self._moved = None if counts is None else by_sentence(counts, list(columns), figure, rows, value)
        self._language, self._group = self.cells[["language", "group"]].to_numpy(dtype=object).T
        regimes = self.cells[["model", "regime"]]
        pools = regimes[self._alone].groupby(["model", "regime"]).groups
        self._spreads = {pool: self._spread(self._part(cell, pool) for cell in cells) for pool, cells in pools.items()}

    def means(self, by: Sequence[str] = KEYS[:-1], **where: object) -> dict[Key, Estimate]:
        """The mean score over the cells that agree in `by` (all of their languages, each counting once).

        `where` names columns with the value they must have.
        """
        return self._estimates([where], by, ratio=False)

    def differences(
        self,
        first: Mapping[str, object],
        second: Mapping[str, object],
        by: Sequence[str] = ("model", "group"),
        ratio: bool = False,
    ) -> dict[Key, Estimate]:
        """second − first (in points): the mean over the cells that both sides have, for each value of `by`; or, as a
        `ratio`, the mean of the second over that of the first (delta method; nan where that is 0).

        `first` and `second` say which cells are compared, for example `{"regime": "monolingual"}` with
        `{"regime": "fine_tuned"}`. Columns not named are equal on both sides, and there is no variant where neither
        `by` nor a side names one. With "language" in `by` there is a figure for each. Figures of one call pool what
        they can, so name no more than tells the sides apart. Raises ValueError where model or regime is neither named
        nor in `by`, and where `by` has what a side names.
        """
        return self._estimates([first, second], by, ratio)

    def _estimates(self, sides: Sequence[Mapping[str, object]], by: Sequence[str], ratio: bool) -> dict[Key, Estimate]:
        rows = {key: self._weighted(cells, ratio) for key, cells in self._compared(sides, by).items()}
        pools: dict[Key, list[_Part]] = defaultdict(list)
        for parts, _ in rows.values():
            for part in parts:
                pools[part.pool].append(part)
        # Families share the spread of the figures asked for together: name no group, and it is that of all groups.
        spreads = self._spreads | {pool: self._spread(pools[pool]) for pool in pools.keys() - self._spreads.keys()}
        return {key: self._estimate(parts, means, spreads, ratio) for key, (parts, means) in rows.items()}

    def _compared(self, sides: Sequence[Mapping[str, object]], by: Sequence[str]) -> dict[Key, NDArray[np.intp]]:
        """The numbers of the cells (cells, sides) of each figure."""
        named = {key for side in sides for key in side}
        if wrong := (named & set(by) if len(sides) > 1 else set()) | (set(by) | named) - set(KEYS):
            raise ValueError(f"not columns by which these cells can be told apart: {', '.join(sorted(wrong))}")
        if free := {"model", "regime"} - named - set(by):
            raise ValueError(f"neither named nor told apart: {', '.join(sorted(free))}")
        named |= set() if "variant" in by else {"variant"}
        matched = [key for key in KEYS if key not in named or len(sides) == 1]
        numbers: list[dict[Key, int]] = []
        for side in sides:
            wanted = ({} if "variant" in by else {"variant": ""}) | dict(side)
            places = [place for place, cell in enumerate(self._named) if wanted.items() <= cell.items()]
            numbers.append({tuple(self._named[place][key] for key in matched): place for place in places})
            if len(numbers[-1]) < len(places):
                raise ValueError(f"a side has several cells for the same {', '.join(matched)}: name more of it")
        groups: dict[Key, list[list[int]]] = defaultdict(list)
        for cell in numbers[0]:
            if all(cell in side for side in numbers):
                groups[tuple(cell[matched.index(key)] for key in by)].append([side[cell] for side in numbers])
        return {key: np.array(cells, dtype=np.intp) for key, cells in groups.items()}

    def _weighted(self, cells: NDArray[np.intp], ratio: bool) -> tuple[list[_Part], tuple[float, float]]:
        """The parts of a figure, from the numbers of its cells (cells, sides), and the means of the sides."""
        blocks = self._blocks(np.unique(cells))
        means = np.zeros(len(self.cells))
        for own, units in blocks:
            means[own] = self._scores[np.ix_(own, units)].mean(axis=1)
        first, second = (float("nan"), *means[cells].mean(axis=0))[-2:]
        slopes = [-second / first**2, 1 / first] if ratio and first else [-1.0, 1.0][-cells.shape[1] :]
        weights = np.zeros(len(self.cells))
        for side, slope in zip(cells.T, slopes, strict=True):
            np.add.at(weights, side, slope / len(cells))
        regimes = self.cells["regime"].to_numpy(dtype=object)
        parts = []
        for own, units in blocks:
            pool = (self.cells["model"].iloc[own[0]], regimes[own[0]])
            if not self._alone[own[0]]:
                sides = enumerate(cells.T)
                roles = {f"{side} {regimes[cell]}" for side, used in sides for cell in np.intersect1d(own, used)}
                pool = (pool[0], *sorted(roles))
            parts.append(_Part(int(self._strata[own[0]]), pool, own, weights[own], units))
        return parts, (float(first), float(second))

    def _blocks(self, cells: NDArray[np.intp]) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """The cells of each stratum with the units that have all of them; cell by cell where no unit has."""
        blocks, known = [], ~np.isnan(self._scores)
        for stratum in dict.fromkeys(self._strata[cells]):
            own = cells[self._strata[cells] == stratum]
            together = [own] if known[own].all(axis=0).any() else np.split(own, len(own))
            blocks += [(each, np.flatnonzero(known[each].all(axis=0))) for each in together]
        return blocks

    def _part(self, cell: int, pool: Key) -> _Part:
        """A cell by itself."""
        units = np.flatnonzero(~np.isnan(self._scores[cell]))
        return _Part(int(self._strata[cell]), pool, np.array([cell]), np.ones(1), units)

    def _spread(self, parts: Iterable[_Part]) -> _Spread:
        """The variance over units that contributions of size 1 have in common; nan where none was repeated.

        Contributions of one stratum, such as the languages of one polyglot run, are correlated: with the same
        correlation for all, their variance is worth fewer degrees of freedom.
        """
        strata: dict[int, list[_Part]] = defaultdict(list)
        for part in parts:
            if part.seeds > 1 and part.size > 0:
                strata[part.stratum].append(part)
        squares = freedom = worth = products = pairs = inverse = 0.0
        within = np.zeros(2)  # sum of squares and degrees of freedom of languages around their mean
        for own in strata.values():
            deviations = np.zeros((self._scores.shape[1], len(own)))
            for column, part in enumerate(own):
                by_language = self._by_language(part)
                deviations[part.units, column] = by_language.mean(axis=0)
                inverse += (part.seeds - 1) / len(by_language)
                apart = by_language - by_language.mean(axis=0)
                within += (apart**2).sum(), (len(apart) - 1) * (part.seeds - 1)
            trace = float((deviations**2).sum())
            squares, freedom = squares + trace, freedom + sum(part.seeds - 1 for part in own)
            products += float((deviations.sum(axis=1) ** 2).sum()) - trace
            pairs += (len(own) - 1) * trace
        if not freedom:
            return _Spread(*[float("nan")] * 4)
        correlation = min(max(products / pairs, 0.0), 1.0) if pairs else 0.0
        for own in strata.values():
            worth += sum(part.seeds - 1 for part in own) * (1 + (len(own) - 1) * correlation**2)
        each = within[0] / within[1] if within[1] else 0.0
        return _Spread(squares / freedom, freedom**2 / worth, each, inverse / freedom)

    def _by_language(self, part: _Part) -> Array:
        """What a part of size 1 contributes (languages, units), centred; their mean is the part's contribution."""
        languages = self._language[part.cells]
        made = part.weights[:, None] * self._scores[np.ix_(part.cells, part.units)] / part.size
        made -= made.mean(axis=1, keepdims=True)
        summed = np.stack([made[languages == language].sum(axis=0) for language in dict.fromkeys(languages)])
        return summed * len(summed)

    def _estimate(
        self, parts: list[_Part], means: tuple[float, float], spreads: Mapping[Key, _Spread], ratio: bool
    ) -> Estimate:
        first, second = means
        figure = second - (0 if np.isnan(first) else first)
        if ratio:
            figure = second / first if first else float("nan")
        pooled: dict[Key, float] = defaultdict(float)
        least = 0.0
        for part in parts:
            spread, languages = spreads[part.pool], len(set(self._language[part.cells]))
            pooled[part.pool] += part.size**2 / part.seeds * spread.of(languages)
            least += part.size**2 / part.seeds * spread.least(languages)
        terms = [(value, spreads[pool].freedom) for pool, value in pooled.items()]
        over_sentences = both = 0.0
        if self._moved is not None:
            sentences, both = self._over_sentences(parts)
            over_sentences = sum(value for value, _ in sentences)
            terms += sentences
            least = both
        # Seeds vary by no less than what is in both variances; where few of them seem to, it is chance.
        over_seeds = max(sum(pooled.values()), least)
        variance = over_seeds + over_sentences - both
        # Welch's (1949) degrees of freedom: Satterthwaite's, less conservative where there are very few.
        squares = sum(value**2 / (freedom + 2) for value, freedom in terms if value)
        freedoms = [freedom for _, freedom in terms]
        freedom = np.clip(variance**2 / squares - 2, min(freedoms), sum(freedoms)) if squares else min(freedoms)
        return Estimate(
            *map(float, (figure, variance, freedom, over_seeds, over_sentences)),
            min(part.seeds for part in parts),
            tuple(dict.fromkeys(self._language[np.sort(np.concatenate([part.cells for part in parts]))])),
            first,
            second,
        )

    def _over_sentences(self, parts: list[_Part]) -> tuple[list[tuple[float, float]], float]:
        """Variance over sentences and degrees of freedom by language; and how much of it is in that over seeds too."""
        moved: dict[str, Array | float] = defaultdict(float)
        both = 0.0
        for part in parts:
            languages = self._language[part.cells]
            for language in dict.fromkeys(languages):
                own = [(part.cells[place], part.weights[place]) for place in np.flatnonzero(languages == language)]
                by_unit = [sum(weight * self._moved_by(cell, unit) for cell, weight in own) for unit in part.units]
                mean = np.mean(by_unit, axis=0)
                moved[language] += mean
                if part.seeds > 1:
                    both += float(((by_unit - mean) ** 2).sum()) / (part.seeds * (part.seeds - 1))
        return [(float((each**2).sum()), max(len(each) - 1, 1)) for each in moved.values()], both

    def _moved_by(self, cell: int, unit: int) -> Array:
        """How much each sentence moves the score of a unit's run on a cell; nan where the run has no counts."""
        language, group = self._language[cell], self._group[cell]
        keys = [(run, language) for run in self._runs[cell, unit]]
        return np.mean([self._moved.get((*key, group), self._moved.get(key, [np.nan])) for key in keys], axis=0)


def _units(rows: pd.DataFrame) -> list[str]:
    """The unit of each run: the polyglot run where there is one, the run itself otherwise."""
    polyglot: dict[tuple, str] = {}
    # A zero-shot score tells a group's polyglot run where the group is not what that run was trained on.
    for regime in ("polyglot", "zero_shot"):
        for row in rows[rows["regime"] == regime].itertuples():
            polyglot.setdefault((row.model, row.variant, row.group, row.seed), row.run)
    variants = {key[:3] for key in polyglot}
    units = []
    for row in rows.itertuples():
        if isinstance(parent := getattr(row, "parent", None), str) and parent:
            units.append(parent)
        elif row.regime == "fine_tuned":
            # A way of fine-tuning starts from the plain polyglot run where there is none of that name.
            variant = row.variant if (row.model, row.variant, row.group) in variants else ""
            family = (row.model, variant, row.group, row.seed)
            units.append(polyglot.get(family, " ".join(map(str, ("from", *family)))))
        else:
            units.append(row.run)
    return units
