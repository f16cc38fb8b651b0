"""The options that several commands share, and how their values are read."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Annotated, Any

import typer
import yaml

from polyner.corpora.languages import in_order, language_code
from polyner.errors import CorpusError, SettingsError, one_line
from polyner.runs import RunStore
from polyner.study.settings import Settings, read_yaml
from polyner.validation import check_names

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
CorporaRoot = Annotated[
    str, typer.Option("--corpora", metavar="FOLDER", help="Where LANGUAGE/train.conll and so on are; or 'sample'.")
]
Profile = Annotated[
    str, typer.Option(help="One of book/profiles, such as quick, laptop or conll-800, or a path to a .yml file.")
]
StudyCorpora = Annotated[
    str | None, typer.Option(metavar="FOLDER", help="As for polyner train; by default what the profile says.")
]
Languages = Annotated[
    list[str] | None,
    typer.Option(
        "--language", "--languages", "-l", metavar="CODE", help="ISO 639-3 code or name; several by commas or repeated."
    ),
]
Groups = Annotated[
    str | None,
    typer.Option(
        "--groups",
        metavar="YAML",
        help="Languages trained together, and novel ones: 'romance: \\[fra, ita], new: {novel_of: romance, "
        "languages: \\[cat]}'.",
    ),
]
RunsFolder = Annotated[
    str | None,
    typer.Option("--runs", metavar="FOLDER", help="The run store; by default $POLYNER_RUNS, or in your data folder."),
]
TAGGER = typer.Argument(metavar="RUN", help="A run's id, its beginning or end; or a folder with a saved tagger.")
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1, …")]


def language_codes(values: Sequence[str] | None) -> tuple[str, ...] | None:
    """The ISO 639-3 codes of the languages named, as `in_order` has them; None where there are none.

    Raises CorpusError for what is no language, or one named twice.
    """
    codes = [code for value in values or () for code in _codes(value.strip())]
    if twice := [code for code in codes if codes.count(code) > 1]:
        raise CorpusError(f"language {twice[0]!r} is named twice")
    return tuple(in_order(codes)) or None


def _codes(text: str) -> list[str]:
    """A language by a name that may have blanks, or several between blanks or commas."""
    with contextlib.suppress(CorpusError):
        return [language_code(text)]
    return [language_code(code) for code in (text.split(",") if "," in text else text.split()) if code.strip()]


def _groups(text: str | None) -> Any:
    """The value of `--groups`: YAML in which braces around the whole may be left out."""
    if text is None:
        return None
    groups = None
    with contextlib.suppress(yaml.YAMLError):
        groups = read_yaml(text if text.lstrip().startswith("{") else f"{{{text}}}")
    if not isinstance(groups, dict) or not all(groups.values()):
        raise SettingsError(f"--groups takes names with lists of languages, 'romance: [fra, ita]', not {text!r}")
    return groups


def given_settings(profile: str, language: Sequence[str] | None, groups: str | None, **given: Any) -> Settings:
    """The settings of a profile, with the values of `--language`, `--groups` and other options on top."""
    return Settings.load(profile, languages=language_codes(language), groups=_groups(groups), **given)


def regime_named(text: str, known: Iterable[str]) -> str:
    """The regime of a name such as fine-tuned. Raises SettingsError for one that is not known."""
    check_names([text.replace("_", "-")], [name.replace("_", "-") for name in known], what="regime")
    return text.replace("-", "_")


def assignments(values: Sequence[str] | None, option: str) -> dict[str, Any]:
    """The names and values of NAME=VALUE texts, values as in a profile: 3, 1e-3, true, null, [eng, spa], {a: b}.

    Raises SettingsError for another form or a name given twice.
    """
    found: dict[str, Any] = {}
    for text in values or ():
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not name:
            raise SettingsError(f"{option} takes a name and a value, not {text!r}")
        if name in found:
            raise SettingsError(f"{option} gives {name!r} twice")
        try:
            found[name] = read_yaml(value)
        except (yaml.YAMLError, ValueError) as error:
            raise SettingsError(f"{value!r} is not YAML: {one_line(error)}") from None
    return found


def tagger_folder(text: str, runs: str | None) -> Path:
    """The folder `text` where it holds a saved tagger, or that of the run with this id. Raises StoreError for none."""
    folder = Path(text)
    if (folder / "config.json").is_file() or (folder.is_dir() and "/" in text):
        return folder
    return RunStore(runs).find(text).folder


def open_tagger(folder: Path, device: str) -> Any:
    """The tagger saved in a folder, on the device. Raises PolynerError where there is none."""
    from polyner.models import load_tagger
    from polyner.runs.devices import resolve_device

    return load_tagger(folder).to(resolve_device(device))


@contextmanager
def opened(file: str) -> Iterator[tuple[str, IO[bytes]]]:
    """A file's name for messages, and its bytes; `-` is standard input. Raises CorpusError where it cannot be read."""
    try:
        # Closed below; an error while it is used is not one of opening it.
        source = nullcontext(sys.stdin.buffer) if file == "-" else open(file, "rb")  # noqa: SIM115
    except OSError as error:
        raise CorpusError(f"{file}: {error.strerror}") from None
    with source as stream:
        yield "standard input" if file == "-" else file, stream
