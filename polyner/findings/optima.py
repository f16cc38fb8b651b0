"""§6: where the languages of a polyglot model conflict, and what fine-tuning forgets of the others."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from polyner.analysis.contrasts import stacked
from polyner.analysis.estimates import Estimate
from polyner.analysis.fisher_overlap import by_layer
from polyner.analysis.inference import Scores
from polyner.corpora.prepare import sample_sentences
from polyner.corpora.sentence import Corpus
from polyner.findings.runs import zero_shot_counts
from polyner.models import load_tagger
from polyner.models.fisher import without_dropout
from polyner.models.tagger import Encoded, Tagger
from polyner.runs import Run
from polyner.runs.derived import derived_table
from polyner.runs.devices import resolve_device
from polyner.runs.perform import fresh_tagger, threads_for, training_of
from polyner.runs.spec import RunSpec
from polyner.scoring import SPANS, count_spans_by_sentence, precision_recall_f1
from polyner.study.protocol import Study
from polyner.study.questions import JOINT, MANY, PULLED, Ask
from polyner.training.gradients import inner_products, language_gradients
from polyner.training.loop import train
from polyner.training.precision import Precision

# Training sentences of each language whose mean gradient is compared.
SENTENCES = 32
# After so many epochs, as far as a run went.
EPOCHS = (1, 2, 4, 8, 16, 32, 64, 128)
_PLAIN = {"regime": "fine_tuned", "variant": ""}

Found = Sequence[tuple[Ask, Run]]


def optima_findings(study: Study) -> tuple[dict[str, pd.DataFrame], dict[str, Mapping[tuple, Estimate]]]:
    """The tables conflicts, course and forgetting, and kept: what of the others' F1 each way of fine-tuning keeps."""
    found = study.resolve([ask for question in (MANY, *JOINT, *PULLED) for ask in study.asks(question)])
    cosines, (table, kept) = conflicts(study, found), forgetting(study, found)
    return {"conflicts": cosines, "course": course(study, found, cosines), "forgetting": table}, {"kept": kept}


def conflicts(study: Study, found: Found) -> pd.DataFrame:
    """The cosines between the gradients of the languages of each polyglot run, by layer and of all parameters.

    source: "trained", the run's tagger; "untrained", a network of the same form with fresh weights. Columns: group,
    variant, seed, run, source, layer, languages (how many), cosine (the mean over pairs of languages; missing where no
    pair has any), below_zero (the share of the pairs, 0 to 1).
    """

    def make(spec: RunSpec, run: Run, corpora: Mapping[str, Corpus]) -> pd.DataFrame:
        sides = {"trained": load_tagger(run.folder), "untrained": fresh_tagger(spec, corpora)}
        return pd.concat([_by_layer(side, corpora).assign(source=name) for name, side in sides.items()])

    columns = ["group", "variant", "seed", "run", "source", "layer", "languages", "cosine", "below_zero"]
    return _of_each(study, "conflicts", [(ask, run) for ask, run in found if ask.regime == "polyglot"], make, columns)


def course(study: Study, found: Found, cosines: pd.DataFrame) -> pd.DataFrame:
    """The same as `conflicts` (its table: `cosines`) through training, of the plain polyglot runs of groups where
    gradients were combined.

    A run keeps the weights of one epoch only, so it is trained once more, epoch by epoch of `EPOCHS`: with the same
    seed, and on the same kind of machine to the same weights. Columns: group, seed, run, epoch (0: before the first;
    else the weights with the best development F1 so far), layer, cosine, below_zero.
    """
    combined = {ask.group for ask, _ in found if ask.regime == "polyglot" and ask.variant}
    plain = [(ask, run) for ask, run in found if ask.regime == "polyglot" and ask.group in combined and not ask.variant]

    def make(spec: RunSpec, run: Run, corpora: Mapping[str, Corpus]) -> pd.DataFrame:
        last, device = run.metrics["epochs"], resolve_device(study.settings.device)
        ends = cosines[cosines["run"] == run.id].assign(epoch=cosines["source"].map({"untrained": 0, "trained": last}))
        stages = [ends[["layer", "cosine", "below_zero", "epoch"]]]
        train_sets, dev_sets = ({code: each[split] for code, each in corpora.items()} for split in ("train", "dev"))
        config, tagger = training_of(spec, device), fresh_tagger(spec, corpora).to(device)
        with tempfile.TemporaryDirectory() as folder, threads_for(tagger):
            for epoch in (each for each in EPOCHS if each < last):
                so_far = dataclasses.replace(config, min_epochs=epoch, max_epochs=epoch)
                train(tagger, train_sets, dev_sets, so_far, Path(folder), seed=spec.seed)
                stages.append(_by_layer(tagger, corpora).assign(epoch=epoch))
        return pd.concat(stages).sort_values("epoch", kind="stable")

    columns = ["group", "seed", "run", "epoch", "layer", "cosine", "below_zero"]
    return _of_each(study, "course", plain, make, columns, epochs=EPOCHS)


def _of_each(
    study: Study,
    name: str,
    found: Found,
    make: Callable[[RunSpec, Run, Mapping[str, Corpus]], pd.DataFrame],
    columns: list[str],
    **inputs: object,
) -> pd.DataFrame:
    """What `make` computes of each run and its corpora, kept beside the runs, in one table."""
    tables = []
    for ask, run in found:
        known = {"run": run.id, "corpora": dict(ask.spec.corpora), "sentences": SENTENCES, **inputs}
        corpora = {code: study.corpora[code] for code in ask.spec.languages}
        table = derived_table(study.store, name, known, partial(make, ask.spec, run, corpora))
        own = {"group": ask.group, "variant": ask.variant, "seed": ask.seed, "run": run.id, "languages": len(corpora)}
        tables.append(table.assign(**own))
    return stacked(tables, columns)


def _by_layer(tagger: Tagger, corpora: Mapping[str, Corpus]) -> pd.DataFrame:
    """layer, cosine, below_zero: over pairs of different languages."""
    texts = {code: sample_sentences(corpus.train, SENTENCES) for code, corpus in corpora.items()}
    codes = [code for code, sentences in texts.items() for _ in sentences]
    encoded = tagger.encode([each for sentences in texts.values() for each in sentences], codes, training=True)
    pairs = gradient_cosines(tagger, encoded, torch.arange(len(codes))).dropna(subset="cosine")
    figures = {"cosine": ("cosine", "mean"), "below_zero": ("cosine", lambda values: (values < 0).mean())}
    return pairs.groupby("layer", sort=False).agg(**figures).reset_index()


def forgetting(study: Study, found: Found) -> tuple[pd.DataFrame, dict[tuple[str, str], Estimate]]:
    """Test F1 of fine-tuned taggers on the other languages of their group, in groups where a penalty was tried.

    Columns of the table: group, variant ("polyglot": the model before fine-tuning), language (fine-tuned on), other
    (tagged), seed, run, f1 (percent). The estimates, by group and variant, are of the F1 on the others less that after
    plain fine-tuning, the mean over pairs of languages.
    """
    pulled = {ask.group for ask, _ in found if ask.regime == "fine_tuned" and ask.variant}
    own = [(ask, run) for ask, run in found if ask.group in pulled]
    parents = {(ask.group, ask.seed): (ask, run) for ask, run in own if ask.regime == "polyglot" and not ask.variant}
    rows, counts = [], {}
    for ask, run in own:
        if ask.regime != "fine_tuned" or (ask.group, ask.seed) not in parents:
            continue
        (together, parent), (code,) = parents[ask.group, ask.seed], ask.languages
        sides = [(run, "fine_tuned", ask.variant)] + [(parent, "polyglot", "")] * (not ask.variant)
        for other in together.languages:
            for tagger, regime, variant in sides if other != code else []:
                key = tagger.id, other
                counts[key] = counts[key] if key in counts else _counts(study, tagger, other, regime)
                f1 = precision_recall_f1(*counts[key][SPANS].sum())[2]
                told = {"model": ask.model, "regime": regime, "variant": variant, "group": ask.group, "f1": f1}
                told |= {"language": code, "other": other, "seed": ask.seed, "run": tagger.id, "parent": parent.id}
                rows.append(told)
    columns = ["group", "variant", "language", "other", "seed", "run", "f1"]
    if not rows:
        return pd.DataFrame(columns=columns), {}
    table, kept = pd.DataFrame(rows), {}
    for group, of_group in table.groupby("group", sort=False):
        # What a figure is of is the language that is tagged; for each that was fine-tuned on, cells of their own.
        scored = of_group.assign(group=of_group["language"], language=of_group["other"])
        scores = Scores(scored, pd.concat(counts.values()))
        for variant in dict.fromkeys(of_group["variant"]):
            second = {"regime": "fine_tuned", "variant": variant} if variant else {"regime": "polyglot", "variant": ""}
            for each in scores.differences(_PLAIN, second, by=("model",)).values():
                kept[group, variant or "polyglot"] = each
    return table.assign(variant=table["variant"].where(table["regime"] == "fine_tuned", "polyglot"))[columns], kept


def _counts(study: Study, run: Run, code: str, regime: str) -> pd.DataFrame:
    """Span counts of the test sentences of a language: run, language, sentence, correct, predicted, gold."""
    if regime == "fine_tuned":
        found = zero_shot_counts(study.store, run, study.corpora[code])
        return found[found["split"] == "test"].drop(columns="split")
    _, gold, predicted = run.predictions(code, "test")
    return count_spans_by_sentence(gold, predicted).assign(run=run.id, language=code)


def gradient_cosines(tagger: Tagger, encoded: Encoded, examples: Tensor) -> pd.DataFrame:
    """The cosines of the gradients of a batch's languages, each of the mean loss of its own examples, without dropout.

    `encoded` are sentences with their tags (`encode` with `training=True`), `examples` the batch's indices, on the
    processor. Columns: layer (as `layer_of` names it, and "all" parameters together), language, other, cosine: a row
    for every two languages. The cosine is NaN where one of the two gradients is zero, as in the
    transitions of another language. Below zero the languages conflict (Yu et al. 2020, definition 1). The tagger's
    parameters, gradients and mode are left as they are.
    """
    parameters = tagger.trained()
    with without_dropout(tagger), torch.enable_grad():
        found = language_gradients(tagger, list(parameters.values()), encoded, examples, Precision())
    products = dict(zip(parameters, map(inner_products, found.gradients), strict=True))
    layers = {**by_layer(products), "all": list(products)}
    rows = []
    for layer, names in layers.items():
        of_layer = sum(products[name] for name in names)
        norms = of_layer.diagonal().sqrt()
        cosines = (of_layer / (norms[:, None] * norms)).clamp(-1.0, 1.0).tolist()
        pairs = combinations(range(len(norms)), 2)
        rows += [(layer, found.languages[i], found.languages[j], cosines[i][j]) for i, j in pairs]
    return pd.DataFrame(rows, columns=["layer", "language", "other", "cosine"])
