"""Groups of languages: those that one polyglot model is trained on, and those that it meets only afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from polyner.corpora.languages import is_language, language_code, table2
from polyner.errors import CorpusError, SettingsError
from polyner.validation import check_names


@dataclass(frozen=True)
class Group:
    """Languages under a name.

    novel_of: None for languages that are trained together; for novel ones, the group whose polyglot model they are
        tried on and fine-tuned from (§4.2).
    targets: those that have monolingual and fine-tuned runs; None for all.
    """

    name: str
    languages: tuple[str, ...]
    novel_of: str | None = None
    targets: tuple[str, ...] | None = None

    def is_target(self, code: str) -> bool:
        """Whether a language of the group is learnt by itself too."""
        return self.targets is None or code in self.targets


def groups_of(given: Mapping[str, Any] | None) -> dict[str, Group]:
    """Groups by name from a setting: `name: [codes]`, or `name: {languages: [codes]}` with novel_of or targets.

    None stands for Table 2's: conll, lorelei, and heldout, the novel languages of lorelei.
    Raises SettingsError for a group without languages, with a code that is none or twice the same, with a target
    that is not among its languages, or of a group that there is not.
    """
    if given is None:
        return table2_groups()
    groups = {str(name): _group(str(name), value) for name, value in given.items()}
    if not groups:
        raise SettingsError("groups: none are given; name languages that are trained together: {romance: [fra, ita]}")
    for group in groups.values():
        if group.novel_of is None:
            continue
        check_names(
            [group.novel_of], [g.name for g in groups.values() if not g.novel_of], f"groups.{group.name}", "group"
        )
        if seen := set(group.languages) & set(groups[group.novel_of].languages):
            code = sorted(seen)[0]
            raise SettingsError(f"groups.{group.name}: {code} is not novel, {group.novel_of} is trained on it")
    return groups


def table2_groups() -> dict[str, Group]:
    """The groups of Table 2."""
    members: dict[str, list[str]] = {}
    for code, row in table2().items():
        members.setdefault(row.group, []).append(code)
    return {name: Group(name, tuple(codes), _NOVEL_OF.get(name)) for name, codes in members.items()}


# §4.2: the polyglot model of the LORELEI languages is taken to the four held-out ones.
_NOVEL_OF = {"heldout": "lorelei"}


def _group(name: str, value: Any) -> Group:
    where, novel_of, targets = f"groups.{name}", None, None
    if not re.fullmatch(r"\w[\w .-]*", name):
        raise SettingsError(f"groups: {name!r} is no name: letters, digits, blanks, '_', '-' and '.' make one")
    if isinstance(value, Mapping):
        check_names(value, ("languages", "novel_of", "targets"), where)
        value, novel_of, targets = (value.get(key) for key in ("languages", "novel_of", "targets"))
    if not isinstance(value, list | tuple) or not value:
        raise SettingsError(f"{where}: {value!r:.60} was given; it should be a list of languages")
    codes = tuple(map(str, value))
    check_languages(codes, where)
    if targets is not None:
        targets = tuple(map(str, targets))
        check_names(targets, codes, f"{where}.targets", "language of the group")
    return Group(name, codes, novel_of, targets)


def check_languages(codes: Sequence[str], where: str) -> None:
    """Raise SettingsError for what is no ISO 639-3 code, or is named twice."""
    for code in codes:
        if not is_language(code):
            try:
                hint = f"{code!r} is no ISO 639-3 code: did you mean {language_code(code)!r}?"
            except CorpusError as error:
                hint = str(error)
            raise SettingsError(f"{where}: {hint}")
        if codes.count(code) > 1:
            raise SettingsError(f"{where}: {code!r} is named twice")


PAPER_GROUPS = ("conll", "lorelei")
"""Those of Table 1."""
