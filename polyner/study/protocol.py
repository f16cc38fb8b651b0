"""The paper's protocol: which models are trained on what, and what they score."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from polyner.corpora.folder import corpora_facts, corpus_folders, misnamed
from polyner.corpora.languages import Language, in_order, language
from polyner.corpora.prepare import LONGEST_TRAINED, cap, prepared_corpora
from polyner.corpora.sentence import Corpus
from polyner.errors import NotAvailable, SettingsError
from polyner.models.configs import CONFIGS, config_class, configure
from polyner.runs import Run, RunSpec, RunStore
from polyner.runs.devices import device_class, precision_on
from polyner.study.groups import Group, group_of
from polyner.study.plan import Plan, Planned, Policy, train_here
from polyner.study.questions import NAMED, OWN, Ask, Question
from polyner.study.settings import Settings
from polyner.study.variants import Variant, matched, variants_of, with_updates
from polyner.training.config import ObjectiveConfig, TrainingConfig, training_version
from polyner.validation import check_names, configured, differences, merged


class Study:
    """The runs of one `Settings`: what they are, and by `policy` what becomes of those that are not there.

    `corpora` maps language codes to the corpora after projection and cap; `missing` lists the languages that were
    wanted and are not at hand, `unused` those at hand that no group names or the settings leave out, with the reason.
    `used` maps the ids of all runs asked for so far to the runs.
    `not_run` says of models that cannot be had here why, and `left_out` of (model, language) why the one cannot learn
    the other; both are known once the model was asked about.
    Raises SettingsError where a setting of training, of a model or of the analyses is impossible.
    """

    def __init__(self, settings: Settings, policy: Policy = train_here, corpora: Mapping[str, Corpus] | None = None):
        self.settings, self.policy = settings, policy
        self.store = RunStore(settings.runs)
        self.store.remove_leftovers()
        self.store.note_unusable()
        self.variants: Mapping[str, Variant] = variants_of(settings.variants)
        _check_settings(settings, self.variants)
        self.corpora = dict(corpora or prepared_corpora(settings, longest=LONGEST_TRAINED))
        self.used: dict[str, Run] = {}
        self.not_run: dict[str, str] = {}
        self.left_out: dict[tuple[str, str], str] = {}
        # Once for the study, as is what they are asked for most.
        for method in (self.config, self.training, self._fields, self.learns, self.groups, self._cut):
            setattr(self, method.__name__, cache(method))
        self._shelf = {(code, _fingerprint(corpus)): corpus for code, corpus in self.corpora.items()}

    # Its languages: which are at hand, in which groups they are, and which a model can learn

    @cached_property
    def missing(self) -> list[str]:
        """Languages that the settings name, or else their groups, and the corpora do not have."""
        grouped = [code for group in self.settings.grouped.values() for code in group.languages]
        return [code for code in in_order(self.settings.languages or grouped) if code not in self.corpora]

    @cached_property
    def unused(self) -> dict[str, str]:
        """Languages at hand that the study makes no use of, and why."""
        grouped = {code for group in self.settings.grouped.values() for code in group.languages}
        root, named = self.settings.corpora, self.settings.languages
        there = corpus_folders(root) if root != "sample" and named else ()
        reasons = {code: "not among the languages of the settings" for code in there if code not in named}
        reasons |= {name: f"a folder is read by its code, {code}" for name, code in misnamed(root)}
        return reasons | {code: "in no group" for code in self.corpora if code not in grouped}

    @cached_property
    def languages(self) -> dict[str, Language]:
        """The languages at hand, with the family, genus and script that the settings or the corpora's folder state."""
        facts = merged(corpora_facts(self.settings.corpora), self.settings.facts)
        return {code: dataclasses.replace(language(code), **facts.get(code, {})) for code in self.corpora}

    def learns(self, model: str) -> tuple[str, ...]:
        """The languages at hand that the model can learn; none where the model cannot be had here at all."""
        try:
            config = self.config(model, "")
            reasons = {code: config.obstacle(corpus.train) for code, corpus in self.corpora.items()}
        except NotAvailable as error:
            self.not_run[model] = str(error)
            return ()
        self.left_out.update({(model, code): reason for code, reason in reasons.items() if reason})
        return tuple(code for code, reason in reasons.items() if not reason)

    def groups(self, model: str | None = None, *, novel: bool = False) -> dict[str, tuple[str, ...]]:
        """The languages at hand (that `model` can learn) of each group that has one at least: of those that are
        trained together, or of the novel languages of such groups."""
        known = self.corpora if model is None else self.learns(model)
        chosen = [group for group in self.settings.grouped.values() if (group.novel_of is not None) == novel]
        if novel:
            sizes = {name: len(codes) for name, codes in self.polyglot_groups(model).items()}
            chosen = [group for group in chosen if sizes.get(group.novel_of, 0) > 1 + group.left_out]
        at_hand = {group.name: tuple(code for code in group.languages if code in known) for group in chosen}
        return {name: codes for name, codes in at_hand.items() if codes}

    def polyglot_groups(self, model: str | None = None) -> dict[str, tuple[str, ...]]:
        """Those of `groups` with two languages at least: one alone makes no polyglot model."""
        return {group: codes for group, codes in self.groups(model).items() if len(codes) > 1}

    def polyglot_languages(self, model: str, code: str, group: str | None = None) -> tuple[str, ...]:
        """The languages of the polyglot model that a language is fine-tuned from.

        Raises SettingsError where there is no such model.
        """
        own, together = self._met_in(model, code, group)
        languages = own.met_by(code, together)
        if len(languages) < 2:
            raise SettingsError(f"no polyglot model to fine-tune {code} from: it needs two languages of a group")
        return languages

    def _met_in(self, model: str, code: str, group: str | None) -> tuple[Group, tuple[str, ...]]:
        """The group of a language, and the languages that are trained together there, none where they are too few."""
        own = group_of(self.settings.grouped, code, group)
        return own, self.polyglot_groups(model).get(own.novel_of or own.name, ())

    # What is asked: configurations and specifications

    def config(self, model: str, variant: str = "") -> Any:
        """The model's configuration, whatever it names by a moving name named for good (once for the study)."""
        own = self.settings.architecture.get(model, {})
        config = configure(model, {**own, **self.variants[variant].config})
        wider = {f.name for f in dataclasses.fields(config) if f.name.endswith("hidden_size")}
        wide = {name: getattr(config, name) * self.variants[variant].width for name in wider}
        return dataclasses.replace(config, **wide).pinned()

    def training(self, model: str, variant: str = "") -> TrainingConfig:
        """How the model is trained: of the settings, those under its name go before the others."""
        common = {name: value for name, value in self.settings.training.items() if name not in CONFIGS}
        own, defaults = self.settings.training.get(model, {}), config_class(model).training_defaults
        values = {**defaults, **common, **own, **self.variants[variant].training}
        return configured(TrainingConfig, values, "training")

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
        corpora = {code: self._cut(code, sentences) for code in languages}
        fields = dict(self._fields(model, own))
        if parent is None:
            fields["keep_optimizer"] = True  # there is none to keep
        training = self.training(model, own)
        size, whole = (sum(len(of[code].train) for code in languages) for of in (corpora, self.corpora))
        if regime == "monolingual" and self.variants[own].matched_updates:
            _, together = self._met_in(model, languages[0], group)
            training = matched(training, size, sum(len(self.corpora[code].train) for code in together))
        elif size < whole:
            training = with_updates(training, size, self.settings.analyses.curve_updates)
        fields["training"] = differences(dataclasses.replace(training, mixed_precision="auto"))
        fingerprints = {code: _fingerprint(corpus) for code, corpus in corpora.items()}
        spec = RunSpec(model, regime, tuple(languages), fingerprints, seed, parent=parent, **fields)
        _check_run(spec, self.config(model, own))
        return spec

    def _fields(self, model: str, variant: str) -> dict[str, Any]:
        """What the specifications of all runs of a model and variant have in common."""
        where = device_class(self.settings.device)
        return {
            "version": training_version(model),
            "config": differences(self.config(model, variant)),
            "objective": differences(configured(ObjectiveConfig, self.variants[variant].objective, "objective")),
            "precision": precision_on(where, self.training(model, variant)),
            "device": where,
            "keep_optimizer": self.variants[variant].keep_optimizer,
        }

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
            if _knows(model, self.variants[variant])
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
        asked = self.analysed_model if question.models == "analysed" else question.models
        return tuple(model for model in self.settings.models if asked in ("all", model))

    # What is there: runs and their results

    def data(self, spec: RunSpec) -> dict[str, Corpus]:
        """The corpora of a specification and of the runs that it starts from, by language."""
        named = (each.corpora for each in spec.lineage())
        return {code: self._shelf[code, fingerprint] for corpora in named for code, fingerprint in corpora.items()}

    def plan(self, asks: Mapping[str, Iterable[Ask]]) -> Plan:
        """What pages ask for, and what that starts from. Looks into the run store, and does nothing else."""
        runs: dict[str, Planned] = {}
        for page, of_page in asks.items():
            for ask in of_page:
                of_parent = ask.variant if "polyglot" in self.variants[ask.variant].regimes else ""
                for spec in ask.spec.lineage():
                    if spec.id not in runs:
                        variant = ask.variant if spec is ask.spec else of_parent
                        there = self.store.look_up(spec) is not None
                        runs[spec.id] = Planned(spec, variant, self.data(spec), there)
                    if page not in runs[spec.id].pages:
                        runs[spec.id].pages.append(page)
        return Plan(runs, self.store, self.settings.device, self.not_run, self.left_out, self.unused, self.missing)

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
        plan = self.plan({"": asks})
        self.policy(plan)
        found = {name: run for name, each in plan.runs.items() if (run := self.store.look_up(each.spec))}
        self.used.update({ask.spec.id: found[ask.spec.id] for ask in asks if ask.spec.id in found})
        broken = {(ask.model, ask.group, ask.seed) for ask in asks if ask.spec.id not in found} if together else ()
        there = [ask for ask in asks if ask.spec.id in found]
        return [(ask, found[ask.spec.id]) for ask in there if (ask.model, ask.group, ask.seed) not in broken]

    def _cut(self, code: str, sentences: int | None) -> Corpus:
        corpus = self.corpora[code]
        if sentences is None or sentences >= len(corpus.train):
            return corpus
        # The smaller sets are parts of the larger ones: each is drawn from the next larger.
        larger = [size for size in self.settings.analyses.curve_sizes if sentences < size < len(corpus.train)]
        smaller = cap(self._cut(code, larger[0]) if larger else corpus, train=sentences)
        self._shelf[code, _fingerprint(smaller)] = smaller
        return smaller


def _fingerprint(corpus: Corpus) -> str:
    return corpus.fingerprint[:16]


def _check_settings(settings: Settings, variants: Mapping[str, Variant]) -> None:
    """Raise SettingsError where a setting of training, of a model, of a variant or of the analyses is impossible."""
    check_names(settings.architecture, CONFIGS, "architecture", "model")
    for name, values in settings.architecture.items():
        configure(name, values)
    common = dict(settings.training)
    for name in [each for each in common if each in CONFIGS]:
        if not isinstance(values := common.pop(name), Mapping):
            raise SettingsError(f"training.{name}: {values!r:.60} was given; it should be a mapping")
        configured(TrainingConfig, values, f"training.{name}")
    configured(TrainingConfig, common, "training")
    for name in settings.variants:
        variant = variants[name]
        configured(TrainingConfig, variant.training, f"variants.{name}.training")
        configured(ObjectiveConfig, variant.objective, f"variants.{name}.objective")
        if not any(_knows(model, variant) for model in CONFIGS):
            known = {entry.name for config in CONFIGS.values() for entry in dataclasses.fields(config)}
            check_names(variant.config, sorted(known), f"variants.{name}.config")
            raise SettingsError(f"variants.{name}.config: no model has all of {', '.join(variant.config)}")
        for model in settings.models:
            if _knows(model, variant):
                configure(model, {**settings.architecture.get(model, {}), **variant.config})
    _ = settings.analyses


def _check_run(spec: RunSpec, config: Any) -> None:
    """Raise SettingsError where a run cannot have its objective or its model's configuration."""
    parent, first = spec.parent, spec.languages[0]
    asked = ObjectiveConfig(**spec.objective)
    asked.check(spec.model, spec.languages, parent.languages if parent else None)
    if asked.name == "ewc" and any(parent.corpora.get(code, own) != own for code, own in spec.corpora.items()):
        raise SettingsError(f"objective: ewc on a part of the sentences of {first} that its parent learnt from")
    known = parent.languages if parent else spec.languages
    if getattr(config, "language_transitions", False) and not set(spec.languages) <= set(known):
        told = f"{spec.model} with transitions of its own for {', '.join(known)}"
        raise SettingsError(f"language_transitions: {first} has none in a {told}")


def _knows(model: str, variant: Variant) -> bool:
    """Whether a model's configuration has what a variant changes."""
    return set(variant.config) <= {entry.name for entry in dataclasses.fields(config_class(model))}
