"""§4.2: languages that the polyglot model has not seen."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from polyner.analysis.transfer import ngram_overlap, relatedness
from polyner.study.protocol import Study


def novel_findings(study: Study) -> tuple[dict[str, pd.DataFrame], dict]:
    """The table relatedness: how near each novel language is to those that its polyglot model was trained on.

    Columns: group, language, shared_script, shared_family, shared_genus (the share of the training languages), and
    byte_2_grams, byte_3_grams, byte_4_grams (the share of the n-grams of its training text that theirs have too).
    """
    model = study.analysed_model
    tables = [pd.DataFrame(columns=["group", "language"])]
    for group, novel in study.groups(model, novel=True).items():
        by_model: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for code in novel:
            by_model[study.polyglot_languages(model, code, group)].append(code)
        for training, codes in by_model.items():
            grams = ngram_overlap(*({code: study.corpora[code].train for code in side} for side in (codes, training)))
            wide = grams.pivot(index="language", columns="n", values="tokens_overlap")
            wide.columns = [f"byte_{n}_grams" for n in wide.columns]
            kin = relatedness(*([study.languages[code] for code in side] for side in (codes, training)))
            tables.append(kin.merge(wide.reset_index(), on="language").assign(group=group))
    return {"relatedness": pd.concat(tables[1:] or tables, ignore_index=True)}, {}
