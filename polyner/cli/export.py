"""`polyner export`: trained taggers as small files, to use and to pass on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polyner.cli.options import TAGGER, AsJson, Groups, Languages, RunsFolder, given_settings, tagger_folder
from polyner.cli.output import examples, print_json, print_lines
from polyner.errors import SettingsError
from polyner.study.plan import look_up
from polyner.study.protocol import Study

EXAMPLES = examples(
    "polyner export RUN --out FOLDER",
    "polyner export --profile laptop --corpora CORPORA --out taggers",
    "polyner tag --taggers taggers --language spa letter.txt",
)


def export(
    tagger: Annotated[str | None, TAGGER] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where they go.", file_okay=False)] = Path(),
    profile: Annotated[
        str | None, typer.Option(help="In place of RUN: the byte-crf of every language and regime.")
    ] = None,
    corpora: Annotated[str | None, typer.Option(metavar="FOLDER", help="Those that the runs were trained on.")] = None,
    language: Languages = None,
    groups: Groups = None,
    title: Annotated[str, typer.Option(metavar="TEXT", help="What the card calls them.")] = "",
    source: Annotated[str, typer.Option("--from", metavar="TEXT", help="How the corpora are had, for the card.")] = "",
    runs: RunsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write trained taggers with weights in eight bits, a quarter of their size.

    With RUN, FOLDER is one tagger: config.json and model.safetensors, which
    every command takes for RUN. With --profile it has the taggers of a whole
    study: of each language the monolingual, the polyglot and the fine-tuned
    byte-crf, of several seeds the best on development data, with an index for
    'polyner tag --taggers FOLDER' and a card with their scores on test.
    Nothing is trained.
    """
    if (tagger is None) == (profile is None):
        raise SettingsError("export takes RUN, or --profile with the settings of a study")
    if out == Path():
        raise SettingsError("--out says in which folder the files go")
    if (out / "spec.json").exists():
        raise SettingsError(f"{out} is a run, whose weights stay as they were trained: name another folder")
    from polyner.models import load_tagger
    from polyner.taggers.export import export_study, export_tagger

    if tagger is not None:
        weights = export_tagger(load_tagger(tagger_folder(tagger, runs)), out)
        count, size = 1, weights.stat().st_size
    else:
        study = Study(given_settings(profile, language, groups, corpora=corpora, runs=runs), policy=look_up)
        models = export_study(study, out, title, source).models
        count, size = len(models), sum(model["size"] for model in models.values())
    if as_json:
        print_json({"folder": str(out), "taggers": count, "size": size})
    else:
        print_lines(f"{count} tagger{'s' if count > 1 else ''} in {out}", f"{size / 1e6:.2f} MB")
