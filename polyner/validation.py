"""Configurations from plain values, as profiles, parameters and saved files hold them: one validator for all of them.

A configuration is a frozen dataclass whose annotations say what its fields may be, such as `Count`.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, TypeVar

from annotated_types import Ge, Gt, Lt

from polyner.errors import SettingsError

T = TypeVar("T")

Count = Annotated[int, Ge(1)]
Positive = Annotated[float, Gt(0), Lt(math.inf)]
NotNegative = Annotated[float, Ge(0), Lt(math.inf)]
Fraction = Annotated[float, Ge(0), Lt(1)]
"""At least 0 and less than 1, as rates of dropout are."""


def configured(cls: type[T], values: Mapping[str, Any], where: str = "") -> T:
    """The configuration `cls` with these values, its defaults for all else; lists stand for tuples.

    Raises SettingsError, which names the field (behind `where`), what was given and what is possible.
    """
    from pydantic import ValidationError

    check_names(values, [entry.name for entry in dataclasses.fields(cls) if entry.init], where)
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    try:
        checked = _validating(cls)(**given)
    except ValidationError as error:
        raise SettingsError(_said(error, given, where)) from None
    return cls(**{entry.name: getattr(checked, entry.name) for entry in dataclasses.fields(cls) if entry.init})


def differences(config: Any) -> dict[str, Any]:
    """The fields of a configuration that differ from its class's defaults, as plain values."""
    own, plain = dataclasses.asdict(config), dataclasses.asdict(type(config)())
    return {name: value for name, value in own.items() if value != plain[name]}


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two mappings as one, `above` on top; where both have a mapping under a name, these are merged too."""
    result = dict(below)
    for name, value in above.items():
        before = result.get(name)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        result[name] = merged(before, value) if both else value
    return result


def check_names(values: Iterable[str], known: Iterable[str], where: str = "", what: str = "setting") -> None:
    """Raise SettingsError for a name (of a `what`) that is not among the known ones, with the nearest of them."""
    known = list(known)
    for name in values:
        if name not in known:
            close = difflib.get_close_matches(str(name), known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"one of {', '.join(filter(None, known))}"
            raise SettingsError(f"{f'{where}: ' if where else ''}unknown {what} {name!r}: {hint}")


@cache
def _validating(cls: type) -> Any:
    from pydantic import ConfigDict
    from pydantic.dataclasses import dataclass

    return dataclass(cls, config=ConfigDict(strict=True), frozen=True)


def _said(error: Any, given: Mapping[str, Any], where: str) -> str:
    """The first of pydantic's errors in the words of settings."""
    # A union reports each of its members: the last is None where a field may be left out, which says least.
    found = error.errors(include_url=False)[0]
    message = found["msg"].removeprefix("Value error, ").replace("Input should", "it should")
    for said, meant in _MEANT.items():
        message = message.replace(said, meant)
    if not (at := found["loc"]):  # fields that do not go together
        return f"{f'{where}: ' if where else ''}{message}"
    name, value = str(at[0]), given.get(at[0])
    if len(at) > 1 and isinstance(value, Mapping) and at[1] in value:
        name, value = f"{name}.{at[1]}", value[at[1]]
    shown = list(value) if isinstance(value, tuple) else value
    return f"{f'{where}.' if where else ''}{name}: {shown!r:.80} was given; {message}"


# What pydantic calls things, and what profiles do.
_MEANT = {"a valid tuple": "a list", "a valid dictionary": "a mapping", "a valid boolean": "true or false"}
_MEANT |= {"Tuple should have at least 1 item after validation, not 0": "it should have at least 1 item"}
