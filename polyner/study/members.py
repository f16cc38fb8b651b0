"""The languages of a study: which are at hand, in which groups they are, and which a model can learn."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from polyner.corpora.folder import corpora_facts, corpus_folders, misnamed
from polyner.corpora.languages import Language, in_order, language
from polyner.corpora.sentence import Corpus
from polyner.errors import NotAvailable, SettingsError
from polyner.study.groups import group_of
from polyner.study.settings import Settings


class Members:
    """What a study of `settings` says of its languages. `not_run`, `left_out` and `config` are the study's."""

    settings: Settings
    corpora: Mapping[str, Corpus]
    not_run: dict[str, str]
    left_out: dict[tuple[str, str], str]

    def __init__(self) -> None:
        self._learns: dict[str, tuple[str, ...]] = {}
        self._groups: dict[tuple[str | None, bool], dict[str, tuple[str, ...]]] = {}

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
        facts = {**corpora_facts(self.settings.corpora)}
        for code, own in self.settings.facts.items():
            facts[code] = {**facts.get(code, {}), **own}
        return {code: dataclasses.replace(language(code), **facts.get(code, {})) for code in self.corpora}

    def learns(self, model: str) -> tuple[str, ...]:
        """The languages at hand that the model can learn; none where the model cannot be had here at all."""
        if model not in self._learns:
            try:
                config = self.config(model)
                reasons = {code: config.obstacle(corpus.train) for code, corpus in self.corpora.items()}
            except NotAvailable as error:
                self.not_run[model] = str(error)
                reasons = dict.fromkeys(self.corpora, str(error))
            else:
                self.left_out.update({(model, code): reason for code, reason in reasons.items() if reason})
            self._learns[model] = tuple(code for code, reason in reasons.items() if not reason)
        return self._learns[model]

    def groups(self, model: str | None = None, *, novel: bool = False) -> dict[str, tuple[str, ...]]:
        """The languages at hand (that `model` can learn) of each group that has one at least: of those that are
        trained together, or of the novel languages of such groups."""
        if (model, novel) not in self._groups:
            known = self.corpora if model is None else self.learns(model)
            chosen = [group for group in self.settings.grouped.values() if (group.novel_of is not None) == novel]
            if novel:
                sizes = {name: len(codes) for name, codes in self.polyglot_groups(model).items()}
                chosen = [group for group in chosen if sizes.get(group.novel_of or "", 0) > 1 + group.left_out]
            at_hand = {group.name: tuple(code for code in group.languages if code in known) for group in chosen}
            self._groups[model, novel] = {name: codes for name, codes in at_hand.items() if codes}
        return self._groups[model, novel]

    def polyglot_groups(self, model: str | None = None) -> dict[str, tuple[str, ...]]:
        """Those of `groups` with two languages at least: one alone makes no polyglot model."""
        return {group: codes for group, codes in self.groups(model).items() if len(codes) > 1}

    def polyglot_languages(self, model: str, code: str, group: str | None = None) -> tuple[str, ...]:
        """The languages of the polyglot model that a language is fine-tuned from.

        Raises SettingsError where there is no such model.
        """
        own = group_of(self.settings.grouped, code, group)
        languages = own.met_by(code, self.polyglot_groups(model).get(own.novel_of or own.name, ()))
        if len(languages) < 2:
            raise SettingsError(f"no polyglot model to fine-tune {code} from: it needs two languages of a group")
        return languages

    @abstractmethod
    def config(self, model: str, variant: str = "") -> Any:
        """The model's configuration."""
