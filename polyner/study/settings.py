"""What a page, a profile or a command can set, and where it is read from."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from annotated_types import Ge, Gt, Le, MinLen

from polyner.errors import SettingsError, one_line
from polyner.models.configs import CONFIGS
from polyner.study.groups import Group, check_languages, groups_of
from polyner.validation import check_names, configured, merged


@dataclass(frozen=True)
class AnalysisConfig:
    """How the analyses of §4.2 and §5 are made.

    model: the architecture that is analysed; the paper does it with the Byte-CRF.
    curve_sizes: numbers of training sentences of the learning curves, rising; curve_updates: how many updates a run on
        so few sentences makes at least before patience may end it (`study.variants.with_updates`).
    pruning_step: the share of weights between two points of a pruning curve; pruning_drop: the loss of F1 that counts
        as over-pruned (§5.2).
    fisher_estimator, fisher_draws: see `models.fisher.fisher_information`; fisher_sentences: at most so many training
        sentences of a language, None for all.
    """

    model: str = "byte-crf"
    curve_sizes: Annotated[tuple[Annotated[int, Ge(1)], ...], MinLen(1)] = (50, 100, 250, 500, 1000, 2500)
    curve_updates: Annotated[int, Ge(0)] = 1000
    pruning_step: Annotated[float, Gt(0), Le(1)] = 0.05
    pruning_drop: Annotated[float, Gt(0)] = 1.0
    fisher_estimator: Literal["signs", "sampled", "exact", "literal"] = "signs"
    fisher_draws: Annotated[int, Ge(1)] = 16
    fisher_sentences: Annotated[int, Ge(1)] | None = None

    def __post_init__(self) -> None:
        if sorted(set(self.curve_sizes)) != [*self.curve_sizes]:
            raise ValueError(f"curve_sizes are rising numbers of sentences, not {list(self.curve_sizes)}")

    @property
    def shares(self) -> list[float]:
        """The shares of weights that are pruned: 0, step, 2 · step and so on, at most 1."""
        count = int(1 / self.pruning_step + 1e-9)
        return [round(i * self.pruning_step, 10) for i in range(count + 1)]


@dataclass(frozen=True)
class Settings:
    """The parameters of the study. The defaults are the paper's; a profile holds only what differs from them, or from
    another profile that it is `like`.

    profile: the profile's name, for what is printed.
    corpora: "sample", or a folder `<root>/<iso 639-3>/{train,dev,test}.conll`.
    languages: those to read, as ISO 639-3 codes; None for all that the corpora have.
    groups: by name, languages that are trained together: `romance: [fra, ita, por]`; or novel ones, or with targets
        that alone have monolingual and fine-tuned runs (`study.groups.groups_of`). None for Table 2's.
    facts: by language code, its family, genus or script where they are not known or other than CLDR and Table 2 say.
    models: architectures by name.
    seeds: the random seeds; the best run of them is chosen on development data (§4).
    max_train_sentences, max_eval_sentences: caps on the training set and on dev and test; None for none.
    types: a projection of entity types, for example `{LOCORG: LOC, DATE: null}`; None for the corpus's own types.
    training: what differs from `TrainingConfig`, for all models or under a model's name for this one.
    architecture: for each model, what differs from its configuration.
    variants: by name, further departures from the plain protocol, which pages compare (`study.variants.Variant`); the
        name of a known one with `{}` asks for that.
    analysis: what differs from `AnalysisConfig`.
    device: "auto", "cpu", "cuda", "cuda:1", …
    runs: the run store's folder; None for the user's own.
    """

    profile: str = "paper"
    corpora: str = "sample"
    languages: Annotated[tuple[str, ...], MinLen(1)] | None = None
    groups: Mapping[str, Any] | None = None
    facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    models: Annotated[tuple[str, ...], MinLen(1)] = tuple(CONFIGS)
    seeds: Annotated[tuple[Annotated[int, Ge(0)], ...], MinLen(1)] = (1, 2, 3, 4, 5)
    max_train_sentences: Annotated[int, Ge(1)] | None = None
    max_eval_sentences: Annotated[int, Ge(1)] | None = None
    types: Mapping[str, str | None] | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    architecture: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    analysis: Mapping[str, Any] = field(default_factory=dict)
    device: str = "auto"
    runs: str | None = None

    def __post_init__(self) -> None:
        check_languages(self.languages or (), "languages")
        check_languages(list(self.facts), "facts")
        for name in ("models", "seeds"):
            values = getattr(self, name)
            if twice := [value for value in values if values.count(value) > 1]:
                raise SettingsError(f"{name}: {twice[0]!r} is named twice")
        for code, facts in self.facts.items():
            check_names(facts, ("family", "genus", "script"), f"facts of {code}")
        check_names(self.models, CONFIGS, what="model")
        self.grouped  # noqa: B018  # raises SettingsError for groups that are none

    @cached_property
    def grouped(self) -> Mapping[str, Group]:
        """The groups of languages by name."""
        return groups_of(self.groups)

    @cached_property
    def analyses(self) -> AnalysisConfig:
        """How the analyses are made. Raises SettingsError for an unknown setting or an impossible value."""
        config = configured(AnalysisConfig, self.analysis, "analysis")
        check_names([config.model], CONFIGS, "analysis", "model")
        return config

    @classmethod
    def load(cls, profile: str = "quick", **overrides: Any) -> Settings:
        """The profile's settings with `overrides` on top; an override that is None counts as not given.

        So are a profile's own values on top of those of the profile that it is `like`. Mappings are merged deeply, but
        for `groups`, which are replaced as a whole; with other groups, the languages are those of the corpora unless
        they are given too. Raises SettingsError for an unknown profile, one that is like itself, an unknown key, or a
        value of the wrong kind.
        """
        given = {
            key: str(value) if isinstance(value, Path) else value
            for key, value in overrides.items()
            if value is not None
        }
        return configured(cls, {**_on_top(_profile_values(profile), given), "profile": Path(profile).stem})


def profile_path(profile: str) -> Path:
    """The file of a profile, which is named by its stem or by a path that ends in .yml. Raises SettingsError."""
    if str(profile).endswith((".yml", ".yaml")):
        if not Path(profile).is_file():
            raise SettingsError(f"{profile}: no such profile file")
        return Path(profile)
    folder = book_folder() / "profiles"
    names = sorted(path.stem for path in folder.glob("*.yml"))
    if profile not in names:
        raise SettingsError(f"unknown profile {profile!r}: one of {', '.join(names)}, or a path that ends in .yml")
    return folder / f"{profile}.yml"


def book_folder() -> Path:
    """The folder `book/` of the repository: `$POLYNER_BOOK`, or beside the package, or below the working directory."""
    beside = Path(__file__).resolve().parents[2] / "book"
    candidates = [Path(os.environ["POLYNER_BOOK"])] if "POLYNER_BOOK" in os.environ else [beside, Path.cwd() / "book"]
    for path in candidates:
        if (path / "profiles").is_dir():
            return path
    raise SettingsError(f"no folder 'profiles' in {' or '.join(map(str, candidates))}; set POLYNER_BOOK to the book")


def read_yaml(text: str) -> Any:
    """The value of a YAML text, in which 1e-3 is a number and `on`, `off`, `yes` and `no` are text, as in YAML 1.2.

    Raises yaml.YAMLError.
    """
    # Not yaml.load, which no source here calls, whatever its loader.
    return _Loader(text).get_single_data()


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which makes plain values only. `no` would otherwise be no language either."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # PyYAML's name for it
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_SCIENTIFIC = re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _SCIENTIFIC, list("-+0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("(?:true|false|True|False)$"), list("tfTF"))


def _on_top(values: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    if "groups" in given:
        values = {key: value for key, value in values.items() if key not in ("groups", "languages")}
    return merged(values, given)


def _profile_values(profile: str, above: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a profile holds, on top of the one that it is like; `above`: those that are like it."""
    if profile in above:
        raise SettingsError(f"profile {profile!r} is like itself")
    try:
        path = profile_path(profile)
    except SettingsError:
        if profile == "paper":
            return {}  # the defaults are the paper's: this profile needs no file
        raise
    try:
        values = read_yaml(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, ValueError) as error:
        raise SettingsError(f"{path}: not YAML: {one_line(error)}") from None
    if not isinstance(values, dict):
        raise SettingsError(f"{path}: a profile is a mapping of parameters")
    like = values.pop("like", None)
    check_names(values, [entry.name for entry in dataclasses.fields(Settings)], str(path), "parameter")
    return values if like is None else _on_top(_profile_values(str(like), (*above, profile)), values)
