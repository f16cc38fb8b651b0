"""The paper's protocol: which models are trained on what, and what they score."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from polyner.corpora.prepare import LONGEST_TRAINED, cap, prepared_corpora
from polyner.corpora.sentence import Corpus
from polyner.errors import SettingsError
from polyner.models.configs import CONFIGS, config_class, configure
from polyner.runs import Run, RunSpec, RunStore
from polyner.runs.devices import device_class, precision_on
from polyner.runs.leftovers import note_unusable, remove_leftovers
from polyner.study.checks import check_run, check_settings, knows
from polyner.study.groups import group_of
from polyner.study.members import Members
from polyner.study.plan import Plan, Planned, Policy, resolve, train_here
from polyner.study.questions import NAMED, OWN, Ask, Question
from polyner.study.settings import Settings
from polyner.study.variants import Variant, matched, variants_of, with_updates
from polyner.training.config import ObjectiveConfig, TrainingConfig
from polyner.training.version import training_version
from polyner.validation import check_names, configured, differences


class Study(Members):
    """The runs of one `Settings`: what they are, and by `policy` what becomes of those that are not there.

    `corpora` maps language codes to the corpora after projection and cap; `missing` lists the languages that were
    wanted and are not at hand, `unused` those at hand that no group names or the settings leave out, with the reason.
    `used` maps the ids of all runs asked for so far to the runs, `not_there` those that the policy did not bring.
    `not_run` says of models that cannot be had here why, and `left_out` of (model, language) why the one cannot learn
    the other; both are known once the model was asked about.
    Raises SettingsError where a setting of training, of a model or of the analyses is impossible.
    """

    def __init__(
        self,
        settings: Settings,
        store: RunStore | None = None,
        policy: Policy = train_here,
        corpora: Mapping[str, Corpus] | None = None,
    ):
        super().__init__()
        self.settings, self.policy = settings, policy
        self.store = store or RunStore(settings.runs)
        remove_leftovers(self.store)
        note_unusable(self.store)
        self.variants: Mapping[str, Variant] = variants_of(settings.variants)
        check_settings(settings, self.variants)
        self.corpora = dict(corpora or prepared_corpora(settings, longest=LONGEST_TRAINED))
        self.used: dict[str, Run] = {}
        self.not_there: dict[str, Ask] = {}
        self.not_run: dict[str, str] = {}
        self.left_out: dict[tuple[str, str], str] = {}
        self._configs: dict[tuple[str, str], Any] = {}
        self._trainings: dict[tuple[str, str], TrainingConfig] = {}
        self._cuts: dict[tuple[str, int], Corpus] = {}
        self._common: dict[tuple[str, str], dict[str, Any]] = {}
        self._shelf = {(code, _fingerprint(corpus)): corpus for code, corpus in self.corpora.items()}

    # What is asked: configurations and specifications

    def config(self, model: str, variant: str = "") -> Any:
        """The model's configuration, whatever it names by a moving name named for good (once for the study)."""
        if (model, variant) not in self._configs:
            own = self.settings.architecture.get(model, {})
            config = configure(model, {**own, **self.variants[variant].config})
            wider = {f.name for f in dataclasses.fields(config) if f.name.endswith("hidden_size")}
            wide = {name: getattr(config, name) * self.variants[variant].width for name in wider}
            self._configs[model, variant] = dataclasses.replace(config, **wide).pinned()
        return self._configs[model, variant]

    def training(self, model: str, variant: str = "") -> TrainingConfig:
        """How the model is trained: of the settings, those under its name go before the others."""
        if (model, variant) in self._trainings:
            return self._trainings[model, variant]
        common = {name: value for name, value in self.settings.training.items() if name not in CONFIGS}
        own, defaults = self.settings.training.get(model, {}), config_class(model).training_defaults
        values = {**defaults, **common, **own, **self.variants[variant].training}
        self._trainings[model, variant] = configured(TrainingConfig, values, "training")
        return self._trainings[model, variant]

    def spec(
        self,
        model: str,
        regime: str,
        languages: Sequence[str],
        seed: int,
        variant: str = "",
        group: str | None = None,
        sentences: int | None = None,
    ) -> RunSpec:
        """The specification of one run.

        A fine-tuned run of one language starts from the polyglot run of its group with the same seed, so that the seeds
        are independent repetitions of the whole procedure. `sentences` cuts the languages' training sets.
        Raises SettingsError for an unknown variant, or one that changes nothing in such a run.
        """
        check_names([variant], self.variants, what="variant")
        departure = self.variants[variant]
        parent = None
        if regime == "fine_tuned":
            together = self.polyglot_languages(model, languages[0], group)
            parent = self.spec(model, "polyglot", together, seed, variant if "polyglot" in departure.regimes else "")
        own = variant if regime in departure.regimes else ""
        if own != variant and not (parent and "polyglot" in departure.regimes):
            told = ", ".join(departure.regimes).replace("_", "-")
            raise SettingsError(f"the variant {variant!r} changes nothing in {regime} runs: it is about {told} ones")
        corpora = {code: _fingerprint(self._cut(code, sentences)) for code in languages}
        fields = dict(self._fields(model, own))
        check_run(model, self.config(model, own), fields["objective"], languages, corpora, parent)
        if parent is None:
            fields["keep_optimizer"] = True  # there is none to keep
        training = self._schedule(model, own, regime, languages, group, sentences)
        fields["training"] = differences(dataclasses.replace(training, mixed_precision="auto"))
        return RunSpec(model, regime, tuple(languages), corpora, seed, parent=parent, **fields)

    def _schedule(
        self,
        model: str,
        variant: str,
        regime: str,
        languages: Sequence[str],
        group: str | None,
        sentences: int | None,
    ) -> TrainingConfig:
        """How a run is trained: with as many updates as the polyglot and the fine-tuned run together, on few sentences
        with at least so many, or by the study's schedule."""
        training, size = self.training(model, variant), sum(len(self._cut(c, sentences).train) for c in languages)
        if self.variants[variant].matched_updates and regime == "monolingual":
            own = group_of(self.settings.grouped, languages[0], group)
            together = self.polyglot_groups(model).get(own.novel_of or own.name, ())
            return matched(training, size, sum(len(self.corpora[code].train) for code in together))
        if size < sum(len(self.corpora[code].train) for code in languages):
            return with_updates(training, size, self.settings.analyses.curve_updates)
        return training

    def _fields(self, model: str, variant: str) -> dict[str, Any]:
        """What the specifications of all runs of a model and variant have in common."""
        if (model, variant) not in self._common:
            training = self.training(model, variant)
            where = device_class(self.settings.device)
            self._common[model, variant] = {
                "version": training_version(model),
                "config": differences(self.config(model, variant)),
                "objective": differences(configured(ObjectiveConfig, self.variants[variant].objective, "objective")),
                "precision": precision_on(where, training),
                "device": where,
                "keep_optimizer": self.variants[variant].keep_optimizer,
            }
        return self._common[model, variant]

    def asks(self, question: Question) -> list[Ask]:
        """The runs that a question is about. Nothing is looked up, nothing trained.

        A language that is alone in its group has monolingual runs only; models that cannot be had here, and languages
        that a model cannot learn, have none (see `not_run` and `left_out`). A model whose configuration does not
        have what a variant changes has none either.
        """
        own = [name for name in self.settings.variants if name not in NAMED]
        return [
            ask
            for model in self._models(question)
            for variant in (own if question.variant == OWN else [question.variant])
            if self.knows_variant(model, variant)
            for regime in question.regimes
            if variant == "" or regime in self.variants[variant].regimes
            for ask in self._asks_of(question, model, variant, regime)
        ]

    def _asks_of(self, question: Question, model: str, variant: str, regime: str) -> Iterator[Ask]:
        alone = regime == "monolingual" and not question.novel
        groups = self.groups(model, novel=question.novel) if alone or question.novel else self.polyglot_groups(model)
        chosen = self.variants[variant].groups
        for group, codes in groups.items():
            if chosen is not None and group not in chosen:
                continue
            singly = [(code,) for code in codes if self.settings.grouped[group].is_target(code)]
            for languages in [codes] if regime == "polyglot" else singly:
                for size in self._sizes(question, regime, languages[0]):
                    for seed in self.settings.seeds:
                        if regime == "zero_shot":
                            trained_on = self.polyglot_languages(model, languages[0], group)
                            spec = self.spec(model, "polyglot", trained_on, seed, variant)
                        else:
                            spec = self.spec(model, regime, languages, seed, variant, group, size)
                        yield Ask(spec, model, regime, variant, group, languages, seed, size)

    def _sizes(self, question: Question, regime: str, code: str) -> list[int | None]:
        if not question.by_size:
            return [None]
        if regime == "zero_shot":
            return [0]
        whole = len(self.corpora[code].train)
        return [*(size for size in self.settings.analyses.curve_sizes if size < whole), whole]

    @property
    def analysed_model(self) -> str:
        """The architecture that the analyses are about; the study's first where that is not among them."""
        name = self.settings.analyses.model
        return name if name in self.settings.models else self.settings.models[0]

    def _models(self, question: Question) -> tuple[str, ...]:
        if question.models == "all":
            return self.settings.models
        if question.models == "analysed":
            return (self.analysed_model,)
        return (question.models,) if question.models in self.settings.models else ()

    def knows_variant(self, model: str, variant: str) -> bool:
        """Whether the model's configuration has what the variant changes. Raises SettingsError for an unknown one."""
        check_names([variant], self.variants, what="variant")
        return knows(model, self.variants[variant])

    # What is there: runs and their results

    def data(self, spec: RunSpec) -> dict[str, Corpus]:
        """The corpora of a specification and of the runs that it starts from, by language."""
        return {
            code: self._shelf[code, fingerprint]
            for each in spec.lineage()
            for code, fingerprint in each.corpora.items()
        }

    def plan(self, asks: Mapping[str, Iterable[Ask]]) -> Plan:
        """What pages ask for, and what that starts from. Looks into the run store, and does nothing else."""
        runs: dict[str, Planned] = {}
        for page, of_page in asks.items():
            for ask in of_page:
                of_parent = ask.variant if "polyglot" in self.variants[ask.variant].regimes else ""
                for spec in ask.spec.lineage():
                    if spec.id not in runs:
                        own = spec is ask.spec
                        there = self.store.look_up(spec) is not None
                        variant, cut = (ask.variant, self._part(ask)) if own else (of_parent, None)
                        runs[spec.id] = Planned(spec, variant, self.data(spec), there, cut)
                    if page not in runs[spec.id].pages:
                        runs[spec.id].pages.append(page)
        return Plan(runs, self.store, self.settings.device, self.not_run, self.left_out, self.unused, self.missing)

    def _part(self, ask: Ask) -> int | None:
        """To how many training sentences an ask's run was cut; None where it was not."""
        size = ask.sentences or 0
        return size if 0 < size < len(self.corpora[ask.languages[0]].train) else None

    def run(self, model: str, regime: str, languages: Sequence[str], seed: int, variant: str = "", **cut: Any) -> Run:
        """One run by the arguments of `spec`, with the polyglot run it starts from where it is a fine-tuned one."""
        spec = self.spec(model, regime, languages, seed, variant, **cut)
        ask = Ask(spec, model, regime, variant, "", tuple(languages), seed)
        ((_, run),) = self.resolve([ask])
        return run

    def resolve(self, asks: Iterable[Ask], together: bool = False) -> list[tuple[Ask, Run]]:
        """The asks whose runs are there, by the study's policy, with these runs.

        With `together`, a seed of a model and group counts where all of its runs are there.
        """
        asks = list(asks)
        found = resolve(self.plan({"": asks}), self.policy).runs
        self.used.update({ask.spec.id: found[ask.spec.id] for ask in asks if ask.spec.id in found})
        missing = [ask for ask in asks if ask.spec.id not in found]
        self.not_there.update({ask.spec.id: ask for ask in missing})
        broken = {(ask.model, ask.group, ask.seed) for ask in missing} if together else ()
        there = [ask for ask in asks if ask.spec.id in found]
        return [(ask, found[ask.spec.id]) for ask in there if (ask.model, ask.group, ask.seed) not in broken]

    def _cut(self, code: str, sentences: int | None) -> Corpus:
        corpus = self.corpora[code]
        if sentences is None or sentences >= len(corpus.train):
            return corpus
        if (code, sentences) not in self._cuts:
            # The smaller sets are parts of the larger ones: each is drawn from the next larger.
            larger = [size for size in self.settings.analyses.curve_sizes if sentences < size < len(corpus.train)]
            smaller = cap(self._cut(code, larger[0]) if larger else corpus, train=sentences)
            self._cuts[code, sentences] = self._shelf[code, _fingerprint(smaller)] = smaller
        return self._cuts[code, sentences]


def _fingerprint(corpus: Corpus) -> str:
    return corpus.fingerprint[:16]
