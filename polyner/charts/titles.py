"""A chart's finding as its title, which follows what a reader chooses in menus, with sliders and in legends."""

from __future__ import annotations

import itertools
import json
import textwrap
from collections.abc import Callable, Hashable, Iterable, Mapping

import altair as alt

Choices = Mapping[str, alt.Parameter | None]
Finding = str | Mapping[Hashable, str]

# Characters of a line of a title that fit a phone's screen beside the chart's menu, of a smaller line below it, and of
# a title in a page's column; and the width in pixels where one becomes the other.
_NARROW, _SMALL, _WIDE, _TURN = 36, 48, 78, 450


def headline(
    finding: Finding, subject: str, choices: Choices | None = None, legends: Mapping[str, str] | None = None
) -> alt.TitleParams:
    """The finding as a title, in lines that fit a phone's screen or a page, and the subject below it.

    Where readers choose what is drawn, `finding` has a text for each value of `choices`, or for each tuple of values
    where there are several; those of a choice that is None do not matter. The values of a legend are as in `by_legend`.
    `legends` are all of the chart by the fields they filter: where the finding has no text for what is chosen in them,
    the title names it.
    """
    return alt.TitleParams(alt.expr(_lines(finding, choices or {}, legends or {})), subtitle=wrapped(subject, _SMALL))


def by_legend(names: Iterable[str], tell: Callable[[list[str]], str]) -> dict[tuple[str, ...], str]:
    """What is told of all names, under (), and of those that a reader chooses in a legend, under these."""
    names = list(names)
    some = itertools.chain.from_iterable(itertools.combinations(names, size + 1) for size in range(len(names)))
    return {(): tell(names)} | {chosen: tell(list(chosen)) for chosen in some}


def in_parts(text: str, parts: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """`by_legend` where of each name a part is told: the parts of those chosen are put into the text."""
    return by_legend(parts, lambda names: text.format(", ".join(parts[name] for name in names)))


def by_choice(found: Iterable[tuple[Hashable, Mapping[tuple[str, ...], str]]]) -> dict[tuple[Hashable, ...], str]:
    """What is told by other choices, a value or a tuple of values, and under each by a legend (`by_legend`)."""
    tuples = ((key if isinstance(key, tuple) else (key,), texts) for key, texts in found)
    return {(*key, chosen): text for key, texts in tuples for chosen, text in texts.items()}


def at_first(finding: Finding, choices: Choices) -> str:
    """The finding for what is chosen at the beginning."""
    texts = _by_choice(finding, choices)
    there = [choice for choice in choices.values() if choice is not None]
    chosen = [_spelled(choice.param.value) if choice.param_type == "variable" else "" for choice in there]
    return texts.get("|".join(chosen)) or next(iter(texts.values()), "")


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a text; one line that is empty for none. No line begins with the % of a number."""
    return textwrap.wrap(text.replace(" %", "\N{NO-BREAK SPACE}%"), width, break_on_hyphens=False) or [""]


def _by_choice(finding: Finding, choices: Choices) -> dict[str, str]:
    """The texts by the values of those choices that there are, as one string."""
    if isinstance(finding, str):
        return {"": " ".join(finding.split())}
    texts: dict[str, str] = {}
    for key, text in finding.items():
        values = key if len(choices) > 1 else (key,)
        there = [value for value, choice in zip(values, choices.values(), strict=True) if choice is not None]
        texts.setdefault("|".join(map(_spelled, there)), " ".join(text.split()))
    return texts


def _spelled(value: Hashable) -> str:
    """A value as JavaScript turns it into a key; names chosen in a legend one behind the other."""
    if isinstance(value, tuple):
        return "".join(f"{name}," for name in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _lines(finding: Finding, choices: Choices, legends: Mapping[str, str]) -> str:
    """An expression for the lines of the title, by the width of the chart and by what is chosen."""
    choices = {} if isinstance(finding, str) else choices
    keys = []
    for at, choice in enumerate(choices.values()):
        if choice is None:
            continue
        if choice.param_type == "variable":
            keys.append(choice.name)
        else:
            names = max(((key[at] if len(choices) > 1 else key) for key in finding), key=len)
            keys.append(_in_order(names, _picked(choice.name, legends)))
    text = f"({json.dumps(_by_choice(finding, choices))})[{_joined(keys, '|')}]"
    known = {choice.name for choice in choices.values() if choice is not None}
    if others := [f"isArray({_picked(name, legends)})" for name in legends if name not in known]:
        text = f"({' || '.join(others)}) ? '' : {text}"
    if legends:
        picked = [_picked(name, legends) for name in legends]
        named = " + ".join(f"(isArray({each}) ? ', ' + join({each}, ', ') : '')" for each in picked)
        text = f"({text}) || replace({named}, ', ', 'Shown: ')"
    width = f"(width < {_TURN} ? {_NARROW} : {_WIDE})"
    return f"split(trim(replace({text}, regexp('(.{{1,' + {width} + '}})( |$)', 'g'), '$1\\n')), '\\n')"


def _picked(legend: str, legends: Mapping[str, str]) -> str:
    """An expression for the names that are chosen in a legend: an array, or nothing."""
    return f"{legend}[{json.dumps(legends[legend])}]"


def _in_order(names: Iterable[str], picked: str) -> str:
    """An expression for the key of the names that are chosen, in whatever order that was."""
    parts = (f"(indexof({picked}, {json.dumps(name)}) < 0 ? '' : {json.dumps(_spelled((name,)))})" for name in names)
    return f"(isArray({picked}) ? {' + '.join(parts)} : '')"


def _joined(keys: list[str], by: str) -> str:
    return f" + '{by}' + ".join(keys) or "''"
