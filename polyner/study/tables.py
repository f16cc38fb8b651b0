"""Tables made of finished runs: scores, span counts, histories; and which of several seeds counts."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from polyner.corpora.sentence import Corpus
from polyner.models.configs import configure
from polyner.runs import Run, RunStore
from polyner.runs.derived import derived_table
from polyner.scoring import count_spans_by_sentence, precision_recall_f1
from polyner.study.settings import Settings
from polyner.training.config import TrainingConfig

if TYPE_CHECKING:
    import pandas as pd

_KEYS = ["model", "regime", "variant", "group", "language"]
_COUNTS = ["correct", "predicted", "gold"]
_COUNT_COLUMNS = ["run", "language", "sentence", *_COUNTS]
_SPLITS = ("dev", "test")


class RunTables:
    """What can be read off the runs that a study was asked for, `used`, and its corpora."""

    settings: Settings
    store: RunStore
    corpora: Mapping[str, Corpus]
    used: Mapping[str, Run]

    def scores(self, run: Run, code: str) -> dict[str, dict[str, float]]:
        """f1, precision and recall by split; of a language that the run was not trained on, they are zero-shot."""
        if code in run.metrics["languages"]:
            return run.metrics["languages"][code]
        counts = zero_shot_counts(self.store, run, self.corpora[code])
        splits = dict(iter(counts.groupby("split", sort=False)))
        ratios = {split: precision_recall_f1(*splits[split][_COUNTS].sum()) for split in _SPLITS if split in splits}
        return {
            split: {"f1": f1, "precision": precision, "recall": recall}
            for split, (precision, recall, f1) in ratios.items()
        }

    def span_counts(self, results: pd.DataFrame, split: str = "test") -> pd.DataFrame:
        """Span counts of each sentence for every run and language of a table of results, for resampling sentences.

        Columns: run, language, sentence (its number within the split), correct, predicted, gold.
        """
        import pandas as pd

        tables = [
            self._counts(self.used[run], language, split).assign(run=run, language=language)
            for run, language in results[["run", "language"]].drop_duplicates().itertuples(index=False)
        ]
        return pd.concat(tables, ignore_index=True)[_COUNT_COLUMNS] if tables else pd.DataFrame(columns=_COUNT_COLUMNS)

    def _counts(self, run: Run, language: str, split: str) -> pd.DataFrame:
        if language in run.metrics["languages"]:
            _, gold, predicted = run.predictions(language, split)
            return count_spans_by_sentence(gold, predicted).rename_axis("sentence").reset_index()
        counts = zero_shot_counts(self.store, run, self.corpora[language])
        return counts[counts["split"] == split].drop(columns="split")

    def unreachable(self, results: pd.DataFrame, split: str = "test") -> pd.DataFrame:
        """How many entities of each language no output of a model can name, whatever it learns (of Byte-to-Span, those
        that no window holds).

        Columns: model, language, entities, unreachable, share (percent of the entities).
        """
        import pandas as pd

        rows = {}
        for model, language, run in results[["model", "language", "run"]].itertuples(index=False):
            if (model, language) not in rows:
                _, gold, _ = self.used[run].predictions(language, split)
                entities = sum(tag.startswith("B-") for tags in gold for tag in tags)
                lost = self.used[run].metrics["languages"][language][split]["unreachable"]
                rows[model, language] = (model, language, entities, lost, 100 * lost / entities if entities else 0.0)
        return pd.DataFrame(rows.values(), columns=["model", "language", "entities", "unreachable", "share"])

    def histories(self, results: pd.DataFrame) -> pd.DataFrame:
        """The course of the training of every run in a table of results.

        Columns: model, regime, variant, group, language (of a polyglot run, its group), seed, run, epoch, loss, dev_f1
        (percent).
        """
        import pandas as pd

        whole_group = results["regime"] == "polyglot"
        runs = results.assign(language=results["language"].where(~whole_group, results["group"]))
        runs = runs[["model", "regime", "variant", "group", "language", "seed", "run"]].drop_duplicates()
        rows = [
            {**row._asdict(), **{key: epoch[key] for key in ("epoch", "loss", "dev_f1")}}
            for row in runs.itertuples(index=False)
            for epoch in self.used[row.run].history
        ]
        return pd.DataFrame(rows, columns=[*runs.columns, "epoch", "loss", "dev_f1"])

    def configuration(self) -> pd.DataFrame:
        """Every setting of each model and of its training, as text: model, setting, value, default."""
        import pandas as pd

        rows = []
        for model in self.settings.models:
            pairs = [(configure(model, self.settings.architecture.get(model, {})), configure(model))]
            pairs.append((self.training(model), TrainingConfig(**configure(model).training_defaults)))
            rows += [
                (model, entry.name, str(getattr(ours, entry.name)), str(getattr(default, entry.name)))
                for ours, default in pairs
                for entry in dataclasses.fields(ours)
            ]
        return pd.DataFrame(rows, columns=["model", "setting", "value", "default"])

    @abstractmethod
    def training(self, model: str, variant: str = "") -> Any:
        """How a model is trained."""


def zero_shot_counts(store: RunStore, run: Run, corpus: Corpus) -> pd.DataFrame:
    """Span counts of a run on a language it has not seen (§4.2), tagged once and kept in the store.

    Columns: run, language, split (dev, test), sentence, correct, predicted, gold.
    """

    def make() -> pd.DataFrame:
        import pandas as pd

        from polyner.models import load_tagger

        tagger, tables = load_tagger(run.folder), []
        for split in _SPLITS:
            sentences = corpus[split]
            tags = tagger.tag([sentence.words for sentence in sentences], corpus.language)
            counts = count_spans_by_sentence([sentence.tags for sentence in sentences], tags)
            tables.append(counts.rename_axis("sentence").reset_index().assign(split=split))
        table = pd.concat(tables, ignore_index=True).assign(run=run.id, language=corpus.language)
        return table[["run", "language", "split", "sentence", *_COUNTS]]

    inputs = {"run": run.id, "corpus": corpus.fingerprint}
    return derived_table(store, "zero-shot", inputs, make)


def best_of_seeds(results: pd.DataFrame) -> pd.DataFrame:
    """For each model, regime, variant, group and language, the run with the best development F1 and its test scores.

    A run is chosen by the development data of the languages that it was trained on (`selection_f1`): a polyglot one by
    the mean over them (§4), also where it is evaluated on a language that it has not seen.
    Columns: model, regime, variant, group, language, seed, f1, precision, recall (test, of the chosen seed), dev_f1
    (of this language), run, seeds (how many), f1_mean, f1_std (test F1 over the seeds; the deviation is missing where
    there is one seed).
    """
    dev, test = (results[results["split"] == split] for split in ("dev", "test"))
    choice = dev.sort_values(["selection_f1", "seed"], ascending=[False, True], kind="stable").drop_duplicates(_KEYS)
    spread = test.groupby(_KEYS)["f1"].agg(seeds="count", f1_mean="mean", f1_std="std").reset_index()
    best = test.merge(choice[[*_KEYS, "seed", "f1"]].rename(columns={"f1": "dev_f1"}), on=[*_KEYS, "seed"])
    best = best.merge(spread, on=_KEYS)
    scores = ["f1", "precision", "recall", "dev_f1", "run", "seeds", "f1_mean", "f1_std"]
    return best[[*_KEYS, "seed", *scores]]
