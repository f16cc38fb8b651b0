"""Groups of languages: those that one polyglot model is trained on, and those that it meets only afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from polyner.corpora.languages import language, table2
from polyner.errors import CorpusError, SettingsError
from polyner.validation import check_names


@dataclass(frozen=True)
class Group:
    """Languages under a name.

    novel_of: None for languages that are trained together; for novel ones, the group whose polyglot model they are
        tried on and fine-tuned from (§4.2).
    left_out: they are of that group themselves, and novel to a model of the others: so many of them at once, in their
        order; 0 for other novel languages.
    targets: those that have monolingual and fine-tuned runs; None for all.
    """

    name: str
    languages: tuple[str, ...]
    novel_of: str | None = None
    targets: tuple[str, ...] | None = None
    left_out: int = 0

    def is_target(self, code: str) -> bool:
        """Whether a language of the group is learnt by itself too."""
        return self.targets is None or code in self.targets

    def met_by(self, code: str, together: Sequence[str]) -> tuple[str, ...]:
        """Of languages that are trained together, those of the polyglot model that a language of the group meets."""
        if not self.left_out:
            return tuple(together)
        first = self.languages.index(code) // self.left_out * self.left_out
        return tuple(each for each in together if each not in self.languages[first : first + self.left_out])


def groups_of(given: Mapping[str, Any] | None) -> dict[str, Group]:
    """Groups by name from a setting: `name: [codes]`, or `name: {languages: [codes]}` with novel_of or targets.

    `name: {left_out_of: group}` has each language of a group (or those of `languages`) novel to a model of the others;
    with `at_once: 3` the first three to one model, the next three to another.
    None stands for Table 2's: conll, lorelei, and heldout, the novel languages of lorelei.
    Raises SettingsError for a group without languages, with a code that is none or twice the same, with a target
    that is not among its languages, or of a group that there is not.
    """
    if given is None:
        return table2_groups()
    given = {str(name): value for name, value in given.items()}
    groups = {name: _group(name, value, given) for name, value in given.items()}
    if not groups:
        raise SettingsError("groups: none are given; name languages that are trained together: {romance: [fra, ita]}")
    together = [group.name for group in groups.values() if group.novel_of is None]
    for group in groups.values():
        if group.name in together:
            continue
        check_names([group.novel_of], together, f"groups.{group.name}", "group")
        seen = set(group.languages) & set(groups[group.novel_of].languages)
        if group.left_out and (others := set(group.languages) - seen):
            raise SettingsError(f"groups.{group.name}: {min(others)} is no language of {group.novel_of}")
        if seen and not group.left_out:
            raise SettingsError(f"groups.{group.name}: {min(seen)} is not novel, {group.novel_of} is trained on it")
    return groups


def group_of(groups: Mapping[str, Group], code: str, name: str | None = None) -> Group:
    """The group that a language is fine-tuned in: the one of this name, or the only one that has it.

    Raises SettingsError where there is none, or are several to choose from.
    """
    having = {group.name: group for group in groups.values() if code in group.languages}
    if name in having:
        return having[name]
    if name is not None or not having:
        known = ", ".join(f"{each.name} ({' '.join(each.languages)})" for each in groups.values())
        where = f"not in a group {name!r}" if name else "in no group"
        raise SettingsError(f"{code} is {where}: the groups of the settings are {known}")
    if len(having) > 1:
        raise SettingsError(f"{code} is in several groups: name one of {', '.join(having)}")
    return next(iter(having.values()))


def groups_with(groups: Mapping[str, Group], code: str) -> list[str]:
    """The names of the groups that a language is in, not of those that only leave out languages of another; "other"
    where there is none."""
    return [own.name for own in groups.values() if code in own.languages and not own.left_out] or ["other"]


def table2_groups() -> dict[str, Group]:
    """The groups of Table 2."""
    members: dict[str, list[str]] = {}
    for code, row in table2().items():
        members.setdefault(row.group, []).append(code)
    # §4.2: the polyglot model of the LORELEI languages is taken to the four held-out ones.
    novel_of = {"heldout": "lorelei"}
    return {name: Group(name, tuple(codes), novel_of.get(name)) for name, codes in members.items()}


def _group(name: str, value: Any, given: Mapping[str, Any]) -> Group:
    where, novel_of, targets, left_out = f"groups.{name}", None, None, 0
    if not re.fullmatch(r"\w[\w .-]*", name):
        raise SettingsError(f"groups: {name!r} is no name: letters, digits, blanks, '_', '-' and '.' make one")
    if isinstance(value, Mapping):
        novel, own = ("left_out_of", ["at_once"]) if "left_out_of" in value else ("novel_of", [])
        check_names(value, ("languages", novel, "left_out_of", "targets", *own), where)
        if own and (type(left_out := value.get("at_once", 1)) is not int or left_out < 1):
            raise SettingsError(f"{where}.at_once: {left_out!r:.60} was given; it should be a number of languages")
        value, novel_of, targets = (value.get(key) for key in ("languages", novel, "targets"))
        if left_out and value is None:
            check_names([novel_of], given, where, "group")
            value = given[novel_of]
            value = value.get("languages") if isinstance(value, Mapping) else value
    if not isinstance(value, list | tuple) or not value:
        raise SettingsError(f"{where}: {value!r:.60} was given; it should be a list of languages")
    codes = tuple(map(str, value))
    check_languages(codes, where)
    if targets is not None:
        targets = tuple(map(str, targets))
        check_names(targets, codes, f"{where}.targets", "language of the group")
    return Group(name, codes, novel_of, targets, left_out)


def check_languages(codes: Sequence[str], where: str) -> None:
    """Raise SettingsError for what is no ISO 639-3 code, or is named twice."""
    for code in codes:
        try:
            language(code)
        except CorpusError as error:
            raise SettingsError(f"{where}: {error}") from None
        if codes.count(code) > 1:
            raise SettingsError(f"{where}: {code!r} is named twice")


PAPER_GROUPS = ("conll", "lorelei")
"""Those of Table 1."""
