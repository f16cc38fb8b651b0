"""What the corpora alone say: how far label distributions are apart (§4), and how near novel languages are (§4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

import numpy as np
import pandas as pd

from polyner.analysis.labels import mean_divergence
from polyner.analysis.transfer import ngram_overlap, one_name_f1, shared
from polyner.corpora.prepare import whole_corpora
from polyner.corpora.quality import entity_counts
from polyner.corpora.sentence import Corpus
from polyner.corpora.sources.provenance import KNOWN
from polyner.study.groups import PAPER_GROUPS, table2_groups
from polyner.study.protocol import Study

_CONLL = {code: sets["train"].entities for name in ("conll2002", "conll2003") for code, sets in KNOWN[name].items()}


def label_findings(study: Study) -> tuple[dict[str, pd.DataFrame], dict]:
    """The table label_shift, of whole corpora (`whole_corpora`)."""
    return {"label_shift": label_shift_table(whole_corpora(study.settings))}, {}


def label_shift_table(corpora: Mapping[str, Corpus]) -> pd.DataFrame:
    """The mean divergence of label distributions in each group.

    One row with the columns conll, lorelei (bits; nan for a group with fewer than two corpora), conll_low, conll_high,
    and published: whether the CoNLL corpora are those of the shared tasks, by the numbers of their training entities.
    The interval comes from resampling the training sentences of every corpus. Resampled distributions are further apart
    than the ones they come from, so it is the basic bootstrap's, which corrects for that.
    """
    row = {**dict.fromkeys([*PAPER_GROUPS, "conll_low", "conll_high"], float("nan")), "published": False}
    for group in PAPER_GROUPS:
        codes = [code for code in table2_groups()[group].languages if code in corpora]
        own = [corpora[code] for code in codes if entity_counts(corpora[code].train)]
        if len(own) > 1:
            row[group], drawn = mean_divergence(own)
            if group == "conll":
                # The basic bootstrap's 95 % interval of what cannot be below 0.
                bounds = [max(0.0, 2 * row[group] - float(b)) for b in np.quantile(drawn, [0.975, 0.025])]
                row |= {"conll_low": bounds[0], "conll_high": bounds[1], "published": all(map(_published, own))}
    return pd.DataFrame([row])


def _published(corpus: Corpus) -> bool:
    """Whether a training set has the entities of the shared tasks' own, but for one of a type: Spanish has a tag that
    counts as an entity of its own once its mistake is mended."""
    known, found = _CONLL.get(corpus.language, {}), entity_counts(corpus.train)
    return known.keys() == found.keys() and all(abs(found[name] - count) <= 1 for name, count in known.items())


def novel_findings(study: Study) -> tuple[dict[str, pd.DataFrame], dict]:
    """The table relatedness: how near each novel language is to those that its polyglot model was trained on.

    Columns: language, shared_script, shared_family, shared_genus (the share of the training languages), byte_2_grams,
    byte_3_grams, byte_4_grams (the share of the n-grams of its training text that theirs have too), one_name (the F1 on
    test of calling every sentence one name, `analysis.transfer.one_name_f1`), and group.
    """
    model, rows = study.analysed_model, []
    for group, novel in study.groups(model, novel=True).items():
        for code in novel:
            training = study.polyglot_languages(model, code, group)
            own, languages = study.languages[code], [study.languages[each] for each in training]
            kin = {f"shared_{kind}": shared(own, languages, kind) for kind in ("script", "family", "genus")}
            text, texts = study.corpora[code].train, [study.corpora[each].train for each in training]
            grams = {f"byte_{n}_grams": ngram_overlap(text, texts, n) for n in (2, 3, 4)}
            null = one_name_f1(study.corpora[code].test, chain.from_iterable(texts))
            rows.append({"language": code, **kin, **grams, "one_name": null, "group": group})
    return {"relatedness": pd.DataFrame(rows)}, {}
