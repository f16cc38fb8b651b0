"""What a page, a profile or a command can set, and where it is read from."""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from polyner.errors import SettingsError
from polyner.models import MODEL_NAMES


@dataclass(frozen=True)
class Settings:
    """The parameters of the study. The defaults are the paper's; a profile holds only what differs from them.

    profile: the profile's name, for what is printed.
    corpora: "sample", or a folder `<root>/<iso 639-3>/{train,dev,test}.conll`.
    languages: ISO 639-3 codes; None for all that the corpora have.
    models: architectures by name.
    seeds: the random seeds; the best run of them is chosen on development data (§4).
    max_train_sentences, max_eval_sentences: caps on the training set and on dev and test; None for none.
    types: a projection of entity types, for example `{LOCORG: LOC, DATE: null}`; None for the corpus's own types.
    training: what differs from `TrainingConfig`.
    architecture: for each model, what differs from its configuration.
    analysis: what differs from `sections.configuration.AnalysisConfig`.
    device: "auto", "cpu", "cuda", "cuda:1", …
    runs: the run store's folder; None for the user's own.
    """

    profile: str = "paper"
    corpora: str = "sample"
    languages: tuple[str, ...] | None = None
    models: tuple[str, ...] = MODEL_NAMES
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    max_train_sentences: int | None = None
    max_eval_sentences: int | None = None
    types: Mapping[str, str | None] | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    architecture: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    analysis: Mapping[str, Any] = field(default_factory=dict)
    device: str = "auto"
    runs: str | None = None

    @classmethod
    def load(cls, profile: str = "quick", **overrides: Any) -> Settings:
        """The profile's settings with `overrides` on top; an override that is None counts as not given.

        Raises SettingsError for an unknown profile, an unknown key, or a value of the wrong kind.
        """
        values = _profile_values(profile)
        given = {key: value for key, value in overrides.items() if value is not None}
        _check_keys(given, "unknown parameter")
        merged = {**values, **given, "profile": Path(profile).stem}
        return cls(**{key: _checked(key, value) for key, value in merged.items()})

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain values that JSON can hold."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in dataclasses.asdict(self).items()
        }


def profile_path(profile: str) -> Path:
    """The file of a profile, which is named by its stem or by a path that ends in .yml. Raises SettingsError."""
    if str(profile).endswith((".yml", ".yaml")):
        if not Path(profile).is_file():
            raise SettingsError(f"{profile}: no such profile file")
        return Path(profile)
    folder = profiles_folder()
    names = sorted(path.stem for path in folder.glob("*.yml"))
    if profile not in names:
        raise SettingsError(f"unknown profile {profile!r}: one of {', '.join(names)}, or a path that ends in .yml")
    return folder / f"{profile}.yml"


def book_folder() -> Path:
    """The folder `book/` of the repository: `$POLYNER_BOOK`, or beside the package, or below the working directory."""
    if found := _book_candidates(with_profiles=True):
        return found[0]
    looked = " or ".join(map(str, _book_candidates(with_profiles=False)))
    raise SettingsError(f"no folder 'profiles' in {looked}; set POLYNER_BOOK to the book")


def _book_candidates(with_profiles: bool) -> list[Path]:
    beside = Path(__file__).resolve().parent.parent / "book"
    candidates = [Path(os.environ["POLYNER_BOOK"])] if "POLYNER_BOOK" in os.environ else [beside, Path.cwd() / "book"]
    return [path for path in candidates if (path / "profiles").is_dir() or not with_profiles]


def profiles_folder() -> Path:
    """The folder of the profiles."""
    return book_folder() / "profiles"


def read_yaml(text: str) -> Any:
    """The value of a YAML text, in which 1e-3 is a number (YAML 1.1 takes it for text). Raises yaml.YAMLError."""
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which makes plain values only."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+$"), list("-+0123456789")
)


def _profile_values(profile: str) -> dict[str, Any]:
    if profile == "paper" and _book_candidates(with_profiles=True) == []:
        return {}  # the defaults are the paper's: this profile needs no file
    path = profile_path(profile)
    try:
        values = read_yaml(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict):
        raise SettingsError(f"{path}: a profile is a mapping of parameters")
    _check_keys(values, f"{path}: unknown parameter")
    return values


def _check_keys(values: Mapping[str, Any], message: str) -> None:
    known = [entry.name for entry in dataclasses.fields(Settings)]
    for key in values:
        if key not in known:
            close = difflib.get_close_matches(str(key), known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"one of {', '.join(known)}"
            raise SettingsError(f"{message} {key!r}: {hint}")


def _checked(key: str, value: Any) -> Any:
    """The value as the field wants it. Raises SettingsError where it is of another kind."""
    annotation = typing.get_type_hints(Settings)[key]
    options = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    for option in options:
        origin = typing.get_origin(option) or option
        if origin is tuple and isinstance(value, list | tuple):
            (member, _) = typing.get_args(option)
            if not all(isinstance(item, member) and not isinstance(item, bool) for item in value):
                break
            if key == "seeds" and any(seed < 0 for seed in value):
                raise SettingsError(f"seeds: {list(value)} holds a negative seed")
            if len(set(value)) != len(value) or (not value and key in ("models", "seeds", "languages")):
                raise SettingsError(f"{key}: {list(value)} must name at least one, and each once")
            return tuple(value)
        if origin is Mapping and isinstance(value, Mapping):
            return dict(value)
        if origin is int and isinstance(value, int) and not isinstance(value, bool):
            if value < 1:
                raise SettingsError(f"{key}: {value} must be at least 1")
            return value
        if origin in (str, type(None)) and isinstance(value, origin):
            return value
        if origin is str and isinstance(value, Path):
            return str(value)
    raise SettingsError(f"{key}: {value!r:.80} is not of the kind {annotation}".replace("collections.abc.", ""))
