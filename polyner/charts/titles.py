"""A chart's finding as its title, which follows what a reader chooses in menus, with sliders and in legends."""

from __future__ import annotations

import itertools
import json
import textwrap
from collections.abc import Callable, Hashable, Iterable, Mapping

import altair as alt
import pandas as pd

Choices = Mapping[str, alt.Parameter]
Finding = Mapping[tuple[Hashable, ...], str]
"""What is found, by the values of the choices in their order. The value of a legend is a tuple of the names chosen in
it, which is empty at first."""

# Characters of a line of a title that fit a phone's screen beside the chart's menu, of a smaller line below it, and of
# a title in a page's column; and the width in pixels where one becomes the other.
_NARROW, _SMALL, _WIDE, _TURN = 36, 48, 78, 450


def headline(finding: Finding, subject: str, choices: Choices, legends: Mapping[str, str]) -> alt.TitleParams:
    """The finding as a title, in lines that fit a phone's screen or a page, and the subject below it.

    `legends` are all of the chart by the fields they filter: where the finding has no text for what is chosen in them,
    the title names it.
    """
    keys = []
    for at, choice in enumerate(choices.values()):
        if choice.param_type == "variable":
            keys.append(choice.name)
        else:
            keys.append(_in_order(max((key[at] for key in finding), key=len), _picked(choice.name, legends)))
    texts = {"|".join(map(_spelled, key)): text for key, text in finding.items()}
    chosen = " + '|' + ".join(keys) or "''"
    text = f"({json.dumps(texts)})[{chosen}]"
    known = {choice.name for choice in choices.values()}
    if others := [f"isArray({_picked(name, legends)})" for name in legends if name not in known]:
        text = f"({' || '.join(others)}) ? '' : {text}"
    if legends:
        picked = [_picked(name, legends) for name in legends]
        named = " + ".join(f"(isArray({each}) ? ', ' + join({each}, ', ') : '')" for each in picked)
        text = f"({text}) || replace({named}, ', ', 'Shown: ')"
    width = f"(width < {_TURN} ? {_NARROW} : {_WIDE})"
    lines = f"split(trim(replace({text}, regexp('(.{{1,' + {width} + '}})( |$)', 'g'), '$1\\n')), '\\n')"
    return alt.TitleParams(alt.expr(lines), subtitle=wrapped(subject, _SMALL))


def by_legend(names: Iterable[str], tell: Callable[[list[str]], str]) -> dict[tuple[str, ...], str]:
    """What is told of all names, under (), and of those that a reader chooses in a legend, under these."""
    names = list(names)
    some = itertools.chain.from_iterable(itertools.combinations(names, size + 1) for size in range(len(names)))
    return {(): tell(names)} | {chosen: tell(list(chosen)) for chosen in some}


def in_parts(text: str, parts: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """`by_legend` where of each name a part is told: the parts of those chosen are put into the text."""
    return by_legend(parts, lambda names: text.format(", ".join(parts[name] for name in names)))


def by_choice(
    table: pd.DataFrame, columns: list[str], tell: Callable[[pd.DataFrame], str | Mapping[tuple[str, ...], str]]
) -> Finding:
    """What is told of the rows of each choice by columns, and if that is by a legend (`by_legend`), of each in it."""
    found: dict[tuple[Hashable, ...], str] = {}
    for key, rows in table.groupby(columns, sort=False):
        told = tell(rows)
        found |= {key: told} if isinstance(told, str) else {(*key, chosen): text for chosen, text in told.items()}
    return found


def for_choices(finding: str | Finding, choices: Mapping[str, alt.Parameter | None]) -> Finding:
    """The finding by the values of those choices that there are: of one that is None, the value does not matter."""
    there = [choice is not None for choice in choices.values()]
    found: dict[tuple[Hashable, ...], str] = {}
    for key, text in ({(): finding} if isinstance(finding, str) else finding).items():
        found.setdefault(tuple(itertools.compress(key, there)), " ".join(text.split()))
    return found


def at_first(finding: Finding, choices: Choices) -> str:
    """The finding for what is chosen at the beginning."""
    chosen = tuple(choice.param.value if choice.param_type == "variable" else () for choice in choices.values())
    return finding.get(chosen) or next(iter(finding.values()), "")


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a text; one line that is empty for none. No line begins with the % of a number."""
    return textwrap.wrap(text.replace(" %", "\N{NO-BREAK SPACE}%"), width, break_on_hyphens=False) or [""]


def _spelled(value: Hashable) -> str:
    """A value as JavaScript turns it into a key; names chosen in a legend one behind the other."""
    if isinstance(value, tuple):
        return "".join(f"{name}," for name in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _picked(legend: str, legends: Mapping[str, str]) -> str:
    """An expression for the names that are chosen in a legend: an array, or nothing."""
    return f"{legend}[{json.dumps(legends[legend])}]"


def _in_order(names: Iterable[str], picked: str) -> str:
    """An expression for the key of the names that are chosen, in whatever order that was."""
    parts = (f"(indexof({picked}, {json.dumps(name)}) < 0 ? '' : {json.dumps(_spelled((name,)))})" for name in names)
    return f"(isArray({picked}) ? {' + '.join(parts)} : '')"
