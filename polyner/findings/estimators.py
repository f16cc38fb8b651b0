"""§5.3: what estimating the Fisher information costs, and how precise it is."""

from __future__ import annotations

import pandas as pd

from polyner.analysis.fisher_overlap import agreement
from polyner.models import load_tagger
from polyner.models.fisher import MOST_STATISTICS, Fisher, fisher_information, statistics_of
from polyner.progress import progress_bar
from polyner.runs.derived import derived_table
from polyner.study.protocol import Study
from polyner.study.questions import Question

# Tag sequences that the paper draws for each sentence.
PAPER_DRAWS = 1000


def estimator_comparison(study: Study, sentences: int = 8, draws: int = 16) -> pd.DataFrame:
    """What each estimator of the Fisher information costs, and how well it agrees with the exact one.

    Measured on the first training sentences of the first language that "exact" can take (`MOST_STATISTICS`), in its
    group's polyglot model of the first seed.
    "signs" and "sampled" see them as one mini-batch with `draws` draws, and again with as many draws as make their
    backward passes as many as those of "literal", which draws as often for each sentence.
    Columns: language, estimator, draws, passes (backward; missing for "exact"), seconds (of "signs" and "sampled", the
    least of three tries), whole (seconds for all training sentences of the language, and 1,000 draws of "literal" as in
    the paper: extrapolated), correlation (of ranks with "exact", the mean over layers weighted by their size). Empty
    where there is no polyglot model, or no such sentence.
    """
    columns = ["language", "estimator", "draws", "passes", "seconds", "whole", "correlation"]
    found = study.resolve(study.asks(Question(("polyglot",), models="analysed"))[:1])
    if not found:
        return pd.DataFrame(columns=columns)
    ((ask, run),) = found
    languages = ask.languages
    training = study.corpora[languages[0]].train
    inputs = {"run": run.id, "corpus": study.corpora[languages[0]].fingerprint, "sentences": sentences, "draws": draws}

    def make() -> pd.DataFrame:
        tagger = load_tagger(run.folder)
        few = [each for each in training if statistics_of(each, tagger) <= MOST_STATISTICS][:sentences]
        if not few:
            return pd.DataFrame(columns=columns)
        plan = [("exact", None)]
        plan += [(name, count) for name in ("signs", "sampled") for count in (draws, draws * len(few))]
        plan.append(("literal", draws))
        found = []
        with progress_bar("estimators", total=len(plan)) as advance:
            for name, count in plan:
                options = {"estimator": name, "draws": count, "batch_size": len(few)}
                times = 3 if name in ("signs", "sampled") else 1  # those are over before a busy machine evens out
                tries = (fisher_information(tagger, few, languages[0], **options) for _ in range(times))
                found.append(min(tries, key=lambda fisher: fisher.seconds))
                advance(name)
        rows = [
            (languages[0], *_cost(each, len(training)), agreement(found[0].diagonal, each.diagonal)) for each in found
        ]
        return pd.DataFrame(rows, columns=columns)

    return derived_table(study.store, "estimators", inputs, make)


def _cost(found: Fisher, training: int) -> tuple[str, int | None, int | None, float, float]:
    """Estimator, draws, backward passes, seconds, and seconds for so many training sentences."""
    literal = found.estimator == "literal"
    passes = found.draws * found.sentences if literal else found.draws
    scale = training / found.sentences * (PAPER_DRAWS / found.draws if literal else 1)
    return found.estimator, found.draws, passes, found.seconds, scale * found.seconds
