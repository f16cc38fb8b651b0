"""§4: how far the label distributions of the languages of a group are apart."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd

from polyner.analysis.labels import entity_shares, label_divergence, resampled_divergence
from polyner.corpora.prepare import prepared_corpora
from polyner.corpora.quality import entity_counts
from polyner.corpora.sentence import Corpus
from polyner.corpora.sources.known import KNOWN
from polyner.study.groups import PAPER_GROUPS
from polyner.study.protocol import Study

_CONLL = {code: sets["train"].entities for name in ("conll2002", "conll2003") for code, sets in KNOWN[name].items()}


def label_findings(study: Study) -> tuple[dict[str, pd.DataFrame], dict]:
    """The table label_shift, of whole corpora, neither selected nor capped."""
    whole = {"languages": None, "max_train_sentences": None, "max_eval_sentences": None}
    corpora = prepared_corpora(dataclasses.replace(study.settings, **whole))
    return {"label_shift": label_shift_table(corpora)}, {}


def label_shift_table(corpora: Mapping[str, Corpus]) -> pd.DataFrame:
    """The mean divergence of label distributions in each group.

    One row with the columns conll, lorelei (bits; nan for a group with fewer than two corpora), conll_low, conll_high,
    and published: whether the CoNLL corpora are those of the shared tasks, by the numbers of their training entities.
    The interval comes from resampling the training sentences of every corpus. Resampled distributions are further apart
    than the ones they come from, so it is the basic bootstrap's, which corrects for that.
    """
    divergences = label_divergence(entity_shares(corpora))
    means, bounds, published = dict.fromkeys(PAPER_GROUPS, float("nan")), (float("nan"),) * 2, False
    for group in PAPER_GROUPS:
        pairs = divergences[divergences["group"] == group]
        if not pairs.empty:
            languages = dict.fromkeys([*pairs["first"], *pairs["second"]])
            means[group] = float(pairs["divergence"].mean())
            if group == "conll":
                own = {code: corpora[code] for code in languages}
                # The basic bootstrap's 95 % interval of what cannot be below 0.
                high, low = np.quantile(resampled_divergence(own), [0.025, 0.975])
                bounds = tuple(max(0.0, 2 * means[group] - float(bound)) for bound in (low, high))
                published = all(_published(code, corpus) for code, corpus in own.items())
    columns = [*PAPER_GROUPS, "conll_low", "conll_high", "published"]
    return pd.DataFrame([(*means.values(), *bounds, published)], columns=columns)


def _published(code: str, corpus: Corpus) -> bool:
    """Whether a training set has the entities of the shared tasks' own, but for one of a type: Spanish has a tag that
    counts as an entity of its own once its mistake is mended."""
    known, found = _CONLL.get(code, {}), entity_counts(corpus.train)
    return known.keys() == found.keys() and all(abs(found[name] - count) <= 1 for name, count in known.items())
