"""The paper's protocol: which models are trained on what, how one of several seeds is chosen, and what they score."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from polyner.corpora.languages import LANGUAGES, languages_of
from polyner.corpora.prepare import LONGEST_TRAINED, prepared_corpora
from polyner.corpora.sentence import Corpus
from polyner.errors import NotAvailable, SettingsError
from polyner.models import MODEL_NAMES, model_class
from polyner.runs import Run, RunSpec, RunStore
from polyner.runs.leftovers import remove_leftovers
from polyner.runs.spec import REGIMES, code_version
from polyner.scoring import count_spans_by_sentence
from polyner.study.settings import Settings
from polyner.training.loop import TrainingConfig

POLYGLOT_GROUPS = ("conll", "lorelei")
_KEYS = ["model", "regime", "variant", "group", "language"]
_RESULT_COLUMNS = [*_KEYS, "seed", "split", "f1", "precision", "recall", "run"]


@dataclass(frozen=True)
class Variant:
    """A departure from the plain protocol: of the model's configuration, of training, or of how fine-tuning starts."""

    config: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    keep_optimizer: bool = True


VARIANTS: Mapping[str, Variant] = {
    "": Variant(),
    "language_transitions": Variant(config={"language_transitions": True}),
    "reset_optimizer": Variant(keep_optimizer=False),
    # §4.1: "more regularization did not help the monolingual models"; the paper does not say which.
    "more_dropout": Variant(config={"dropout": 0.5}),
    "weight_decay": Variant(training={"weight_decay": 0.1}),
}


class Study:
    """The runs of one `Settings`, found in the run store or trained when they are asked for.

    `corpora` maps language codes to the corpora after projection and cap; `missing` lists the languages of Table 2 that
    were wanted and are not at hand; `used` maps the ids of all runs asked for so far to the runs. `not_run` says of
    models that cannot be had here why, and `left_out` of (model, language) why the one cannot learn the other; both
    are known once results of the model were asked for.
    """

    def __init__(self, settings: Settings, store: RunStore | None = None):
        self.settings = settings
        self.store = store or RunStore(settings.runs)
        remove_leftovers(self.store)
        self.corpora = prepared_corpora(settings, longest=LONGEST_TRAINED)
        self.missing = [code for code in settings.languages or LANGUAGES if code not in self.corpora]
        check_kinds(settings)
        for model in settings.models:
            self.training(model)
        self.used: dict[str, Run] = {}
        self.not_run: dict[str, str] = {}
        self.left_out: dict[tuple[str, str], str] = {}
        self._learns: dict[str, tuple[str, ...]] = {}

    def with_corpora(self, corpora: Mapping[str, Corpus]) -> Study:
        """The same study with other corpora for some languages; it shares what is known about runs and models."""
        other = copy.copy(self)
        other.corpora = {**self.corpora, **corpora}
        return other

    def with_settings(self, settings: Settings) -> Study:
        """The same study on the same corpora with other settings of models or training."""
        other = copy.copy(self)
        other.settings, other._learns = settings, {}
        check_kinds(settings)
        return other

    def learns(self, model: str) -> tuple[str, ...]:
        """The languages at hand that the model can learn; none where the model cannot be had here at all."""
        if model not in self._learns:
            cls, config = model_class(model), self._config(model)
            try:
                config = cls.pinned(config)
                reasons = {code: cls.obstacle(config, corpus.train) for code, corpus in self.corpora.items()}
            except NotAvailable as error:
                self.not_run[model] = str(error)
                reasons = dict.fromkeys(self.corpora, str(error))
            else:
                self.left_out.update({(model, code): reason for code, reason in reasons.items() if reason})
            self._learns[model] = tuple(code for code, reason in reasons.items() if not reason)
        return self._learns[model]

    def groups(self, model: str | None = None) -> dict[str, tuple[str, ...]]:
        """The languages at hand (that `model` can learn) of each of the paper's two groups, if it has one at least."""
        known = self.corpora if model is None else self.learns(model)
        at_hand = {g: tuple(code for code in languages_of(g) if code in known) for g in POLYGLOT_GROUPS}
        return {group: codes for group, codes in at_hand.items() if codes}

    def polyglot_groups(self, model: str | None = None) -> dict[str, tuple[str, ...]]:
        """Those of `groups` with two languages at least: one alone makes no polyglot model."""
        return {group: codes for group, codes in self.groups(model).items() if len(codes) > 1}

    def configuration(self) -> pd.DataFrame:
        """Every setting of each model and of its training, as text: model, setting, value, default."""
        rows = []
        for model in self.settings.models:
            cls = model_class(model)
            pairs = [(self._config(model), cls.configure())]
            pairs.append((self.training(model), TrainingConfig.of(cls.training_defaults)))
            rows += [
                (model, entry.name, str(getattr(ours, entry.name)), str(getattr(default, entry.name)))
                for ours, default in pairs
                for entry in dataclasses.fields(ours)
            ]
        return pd.DataFrame(rows, columns=["model", "setting", "value", "default"])

    def spec(self, model: str, regime: str, languages: Sequence[str], seed: int, variant: str = "") -> RunSpec:
        """The specification of one run.

        A fine-tuned run of one language starts from the polyglot run of its group with the same seed, so that the seeds
        are independent repetitions of the whole procedure. Raises SettingsError for an unknown variant.
        """
        if variant not in VARIANTS:
            raise SettingsError(f"unknown variant {variant!r}: one of {', '.join(filter(None, VARIANTS))}")
        parent = None
        if regime == "fine_tuned":
            together = self.polyglot_languages(model, languages[0])
            parent = self.spec(model, "polyglot", together, seed, _without_optimizer(variant)).id
        return RunSpec(
            model=model,
            config=dataclasses.asdict(model_class(model).pinned(self._config(model, variant))),
            regime=regime,
            languages=tuple(languages),
            corpora={code: self.corpora[code].fingerprint[:16] for code in languages},
            seed=seed,
            training=dataclasses.asdict(self.training(model, variant)),
            parent=parent,
            keep_optimizer=VARIANTS[variant].keep_optimizer,
            code=code_version(model_class(model).__module__, "polyner.runs.perform"),
        )

    def run(self, model: str, regime: str, languages: Sequence[str], seed: int, variant: str = "") -> Run:
        """One run, with the polyglot run it starts from where it is a fine-tuned one."""
        spec = self.spec(model, regime, languages, seed, variant)
        if regime == "fine_tuned" and self.store.look_up(spec) is None:
            together = self.polyglot_languages(model, languages[0])
            self.run(model, "polyglot", together, seed, _without_optimizer(variant))
        run = self.obtain(spec, variant)
        self.used[run.id] = run
        return run

    def obtain(self, spec: RunSpec, variant: str = "") -> Run:
        """The run of a specification, found or trained; its parent is in the store. `variant` is what it is called."""
        return self.store.get(spec, self.corpora, device=self.settings.device)

    def results(
        self,
        regimes: Iterable[str] = REGIMES,
        *,
        models: Iterable[str] | None = None,
        variant: str = "",
    ) -> pd.DataFrame:
        """Scores of every model, regime, language and seed of the settings, training what is not in the store.

        A language that is alone in its group has monolingual runs only; models that cannot be had here, and languages
        that a model cannot learn, have none (see `not_run` and `left_out`). A model whose configuration does not
        have what the variant changes has none either.
        Columns: model, regime, variant, group, language, seed, split (dev, test), f1, precision, recall (percent), run.
        """
        rows = []
        for model in models or self.settings.models:
            if not knows_variant(model, variant):
                continue
            for regime in regimes:
                groups = self.groups(model) if regime == "monolingual" else self.polyglot_groups(model)
                for group, codes in groups.items():
                    trained_on = [codes] if regime == "polyglot" else [(code,) for code in codes]
                    for languages in trained_on:
                        for seed in self.settings.seeds:
                            run = self.run(model, regime, languages, seed, variant)
                            rows += _rows(run, model, regime, variant, group, seed)
        return pd.DataFrame(rows, columns=_RESULT_COLUMNS)

    def training(self, model: str, variant: str = "") -> TrainingConfig:
        """How the model is trained under these settings."""
        return training_config(self.settings, model, variant)

    def polyglot_languages(self, model: str, language: str) -> tuple[str, ...]:
        """The languages of the polyglot model that a language is fine-tuned from: its group's, or LORELEI's (§4.2).

        Raises SettingsError where there is no such model.
        """
        group = LANGUAGES[language].group
        groups = self.polyglot_groups(model)
        group = group if group in POLYGLOT_GROUPS else "lorelei"
        if group not in groups:
            raise SettingsError(f"no polyglot model to fine-tune {language} from: it needs two languages of a group")
        return groups[group]

    def _config(self, model: str, variant: str = "") -> Any:
        """The model's configuration under these settings."""
        overrides = self.settings.architecture.get(model, {})
        return model_class(model).configure({**overrides, **VARIANTS[variant].config})

    def span_counts(self, results: pd.DataFrame, split: str = "test") -> pd.DataFrame:
        """Span counts of each sentence for every run and language of a table of results, for resampling sentences.

        Columns: run, language, sentence (its number within the split), correct, predicted, gold.
        """
        columns = ["run", "language", "sentence", "correct", "predicted", "gold"]
        tables = []
        for run, language in results[["run", "language"]].drop_duplicates().itertuples(index=False):
            _, gold, predicted = self.used[run].predictions(language, split)
            counts = count_spans_by_sentence(gold, predicted).rename_axis("sentence").reset_index()
            tables.append(counts.assign(run=run, language=language))
        return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)

    def unreachable(self, results: pd.DataFrame, split: str = "test") -> pd.DataFrame:
        """How many entities of each language no output of a model can name, whatever it learns (of Byte-to-Span, those
        that no window holds).

        Columns: model, language, entities, unreachable, share (percent of the entities).
        """
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

        Columns: model, regime, variant, language (of a polyglot run, its group), seed, run, epoch, loss, dev_f1
        (percent).
        """
        whole_group = results["regime"] == "polyglot"
        runs = results.assign(language=results["language"].where(~whole_group, results["group"]))
        runs = runs[["model", "regime", "variant", "language", "seed", "run"]].drop_duplicates()
        rows = [
            {**row._asdict(), **{key: epoch[key] for key in ("epoch", "loss", "dev_f1")}}
            for row in runs.itertuples(index=False)
            for epoch in self.used[row.run].history
        ]
        return pd.DataFrame(rows, columns=[*runs.columns, "epoch", "loss", "dev_f1"])


def training_config(settings: Settings, model: str, variant: str = "") -> TrainingConfig:
    """How a model is trained under `settings`, of which those under the model's name go before the others."""
    common = {name: value for name, value in settings.training.items() if name not in MODEL_NAMES}
    own = settings.training.get(model, {})
    return TrainingConfig.of({**model_class(model).training_defaults, **common, **own, **VARIANTS[variant].training})


def check_kinds(settings: Settings) -> None:
    """Raise SettingsError where a setting of training or of a model has a value of another kind than its default."""
    own = {name: values for name, values in settings.training.items() if name in MODEL_NAMES}
    common = {name: value for name, value in settings.training.items() if name not in MODEL_NAMES}
    configs = [("training", TrainingConfig, common)]
    configs += [(f"training of {name}", TrainingConfig, values) for name, values in own.items()]
    configs += [(name, model_class(name).Config, values) for name, values in settings.architecture.items()]
    for where, config, values in configs:
        for entry in dataclasses.fields(config):
            if entry.name in values and not _fits(values[entry.name], entry.default):
                kind = "a number" if entry.default is None else f"of the kind {type(entry.default).__name__}"
                raise SettingsError(f"{where}: {entry.name} is {values[entry.name]!r:.60}, which is not {kind}")


def knows_variant(model: str, variant: str) -> bool:
    """Whether the model's configuration has what the variant changes."""
    known = {entry.name for entry in dataclasses.fields(model_class(model).Config)}
    return set(VARIANTS[variant].config) <= known


def _fits(value: Any, default: Any) -> bool:
    """Whether the value is of the default's kind; where that is None, any number or None is."""
    if isinstance(default, bool | str):
        return type(value) is type(default)
    whole = isinstance(value, int) and not isinstance(value, bool)
    if isinstance(default, int):
        return whole
    return whole or isinstance(value, float) or (default is None and value is None)


def best_of_seeds(results: pd.DataFrame) -> pd.DataFrame:
    """For each model, regime, variant and language, the seed with the best development F1 and its test scores.

    A polyglot model's seed is chosen by the mean development F1 over its languages (§4).
    Columns: model, regime, variant, group, language, seed, f1, precision, recall (test, of the chosen seed), dev_f1,
    run, seeds (how many), f1_mean, f1_std (test F1 over the seeds; the deviation is missing where there is one seed).
    """
    chosen_together = results["language"].where(results["regime"] != "polyglot", results["group"])
    unit = ["model", "regime", "variant", "chosen_together"]
    results = results.assign(chosen_together=chosen_together)
    dev, test = (results[results["split"] == split] for split in ("dev", "test"))
    choice = dev.groupby([*unit, "seed"], as_index=False)["f1"].mean()
    choice = choice.sort_values(["f1", "seed"], ascending=[False, True]).drop_duplicates(unit)
    spread = test.groupby(_KEYS)["f1"].agg(seeds="count", f1_mean="mean", f1_std="std").reset_index()
    best = (
        test.merge(choice[[*unit, "seed"]], on=[*unit, "seed"])
        .merge(dev[[*_KEYS, "seed", "f1"]].rename(columns={"f1": "dev_f1"}), on=[*_KEYS, "seed"])
        .merge(spread, on=_KEYS)
    )
    scores = ["f1", "precision", "recall", "dev_f1", "run", "seeds", "f1_mean", "f1_std"]
    return best[[*_KEYS, "seed", *scores]]


def _rows(run: Run, model: str, regime: str, variant: str, group: str, seed: int) -> list[dict[str, Any]]:
    return [
        {
            "model": model,
            "regime": regime,
            "variant": variant,
            "group": group,
            "language": language,
            "seed": seed,
            "split": split,
            **{name: scores[name] for name in ("f1", "precision", "recall")},
            "run": run.id,
        }
        for language, splits in run.metrics["languages"].items()
        for split, scores in splits.items()
    ]


def _without_optimizer(variant: str) -> str:
    """The variant of the polyglot parent: how fine-tuning starts is no business of its own."""
    return "" if variant == "reset_optimizer" else variant
