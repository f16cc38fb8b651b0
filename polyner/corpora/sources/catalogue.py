"""The collections that `polyner corpora fetch` knows: what they are, whose, under which licence, and which files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from polyner.corpora.languages import language_code

# What stands behind the split in a parquet file's name: `-00000-of-00001`, or, on the branch of conversions, `/0000`.
_SHARD = r"(?:-\d+-of-\d+(?:-[0-9a-f]+)?|/\d+)\.parquet"


@dataclass(frozen=True)
class HubSet:
    """A collection on the Hugging Face hub, in parquet.

    branch: `main`, or that of the hub's own conversions for collections that are scripts, which are never run.
    configurations: for each language the names of its parts. file: a pattern of the files, with the groups `config` and
    `split`. splits: what the collection calls train, dev and test. types: those of the tags, in the order of their
    numbers, for files that do not name them. resplit: languages that have no training set, whose sentences are split
    80/10/10 here.
    """

    repository: str
    about: str
    licence: str
    configurations: Mapping[str, Sequence[str]]
    branch: str = "main"
    file: str = r"(?P<config>[\w-]+)/(?P<split>train|validation|test)"
    splits: Sequence[str] = ("train", "validation", "test")
    types: Sequence[str] = ("PER", "ORG", "LOC", "MISC")
    resplit: Sequence[str] = ()

    @property
    def labels(self) -> list[str]:
        """The tags by number."""
        return ["O", *(f"{prefix}-{kind}" for kind in self.types for prefix in "BI")]

    def place(self, name: str) -> tuple[str, str] | None:
        """The configuration and split of a file of the repository; None where it is of neither."""
        match = re.search(f"(?:^|/){self.file}{_SHARD}$", name)
        return (match["config"], match["split"]) if match else None


class Repository(NamedTuple):
    """A public repository at one commit."""

    name: str
    commit: str


@dataclass(frozen=True)
class RepositoryCorpus:
    """A corpus of one language in a public repository.

    parts: the files of `train`, `dev` and `test`, or of a `pool` that is split 80/10/10 here. Where there is no `dev`,
    a tenth of `train` becomes it; where there is no `test`, the second half of `dev`. reader: which of
    `formats.READERS` reads the files. archive: whether the parts are patterns of files in the whole repository, because
    there are so many. types: what the corpus's types are called here. more: further files of the pool, in other
    repositories.
    """

    repository: Repository
    licence: str
    about: str
    parts: Mapping[str, Sequence[str]]
    reader: str = "columns"
    archive: bool = False
    types: Mapping[str, str] | None = None
    more: Mapping[Repository, Sequence[str]] = field(default_factory=dict)


def _corpus(repository: Sequence[str], more: Sequence[Sequence[str]] = (), **given: Any) -> RepositoryCorpus:
    others = {Repository(name, commit): paths for name, commit, *paths in more}
    return RepositoryCorpus(Repository(*repository), more=others, **given)


def _panx(code: str) -> RepositoryCorpus:
    return _corpus(**_READ["panx"], parts={split: [f"download/panx/{split}-{code}.tsv"] for split in ("train", "dev")})


_READ = yaml.safe_load(files(__package__).joinpath("catalogue.yml").read_text(encoding="utf-8"))

HUB: Mapping[str, HubSet] = {name: HubSet(**given) for name, given in _READ["hub"].items()}
OPEN: Mapping[str, RepositoryCorpus] = {code: _corpus(**given) for code, given in _READ["open"].items()}
PANX: Mapping[str, RepositoryCorpus] = {language_code(code): _panx(code) for code in _READ["panx_languages"]}

REPOSITORIES: Mapping[str, Mapping[str, RepositoryCorpus]] = {"open": OPEN, "panx": PANX}
ABOUT: Mapping[str, str] = _READ["about"] | {name: f"{each.about}; {each.repository}" for name, each in HUB.items()}
NAMES = (*HUB, *REPOSITORIES)
