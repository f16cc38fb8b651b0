"""`polyner record`: finished runs as small text files that the book shows and the claims are judged on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polyner.cli.options import AsJson, Groups, Languages, RunsFolder, given_settings
from polyner.cli.output import examples, print_json, print_lines, print_note, print_records

EXAMPLES = examples(
    "polyner record --profile laptop --corpora FOLDER",
    "polyner record --profile laptop --corpora FOLDER --name open-laptop --section 4.2 --section 5.1",
    "polyner record --profile paper --corpora FOLDER --runs SHARED --all",
    "polyner record --list",
)


def record(
    profile: Annotated[str, typer.Option(help="As the runs were trained.")] = "laptop",
    corpora: Annotated[str | None, typer.Option(metavar="FOLDER", help="Those that the runs were trained on.")] = None,
    language: Languages = None,
    groups: Groups = None,
    name: Annotated[str | None, typer.Option(help="Of the folder in book/results; by default CORPORA-PROFILE.")] = None,
    title: Annotated[
        str, typer.Option(metavar="TEXT", help="What the website calls these results; kept from before.")
    ] = "",
    source: Annotated[
        str,
        typer.Option(
            "--from", metavar="TEXT", help="How readers get the corpora, such as a command; by default SOURCES.json's."
        ),
    ] = "",
    note: Annotated[
        str, typer.Option(metavar="TEXT", help="What readers should know of the corpora; kept from before.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="In place of book/results.", file_okay=False)
    ] = None,
    section: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NUMBER",
            help="Record the tables of 4, 4.2, 5.1, 5.2, 5.3 or 6 too; repeatable. 5.2 and 5.3 take long.",
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of these sections.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Show what is recorded, and record nothing.")] = False,
    runs: RunsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Record the finished runs of the run store.

    Each run becomes a text file of some kilobytes: its specification, scores
    by language and type, numbers of spans by test sentence, history, machine
    and time. No weights, and no text of any corpus. Nothing is trained; what
    is not there is listed as not run. Records of the same runs that are there
    already and are not in this store stay.
    """
    if listed:
        _list(out, as_json)
        return
    settings = given_settings(profile, language, groups, corpora=corpora, runs=runs)
    from polyner.findings.files import results_folder
    from polyner.findings.study import SECTIONS, folder_name, record

    folder = (out or results_folder()) / (name or folder_name(settings))
    written = record(settings, folder, tuple(SECTIONS) if everything else section or (), title, source, note)
    if as_json:
        print_json({**written._asdict(), "folder": str(written.folder)})
        return
    print_lines(f"{written.runs} runs recorded, {written.kept} kept from before, in {written.folder}")
    for gap in written.not_run:
        languages, seeds = " ".join("+".join(codes) for codes in gap["languages"]), ", ".join(map(str, gap["seeds"]))
        languages += f" ({gap['sentences']} sentences)" if gap["sentences"] else ""
        print_lines(f"not run: {gap['model']} {gap['regime']} {gap['variant']} {languages}, seeds {seeds}")
    if written.changed:
        print_note(f"trained again, with other scores than were recorded: {', '.join(written.changed)}")
        print_note("what starts from these runs, and the analyses, may rest on the runs before: record them together")
    for what, reason in written.problems.items():
        print_note(f"{f'section {what}' if what in SECTIONS else what} could not be recorded: {reason}")


def _list(out: Path | None, as_json: bool) -> None:
    from polyner.findings.files import all_recorded
    from polyner.findings.provenance import provenance

    known = all_recorded(out)
    if as_json:
        print_json([{"name": each.name, **provenance(each)} for each in known])
        return
    if not known:
        print_lines("nothing is recorded")
        return
    rows = [{"name": each.name, "runs": len(each.runs), **provenance(each)} for each in known]
    columns = {"name": "name", "runs": "runs", "Seeds": "seeds", "Training took": "training", "Machines": "machines"}
    print_records(rows, columns)
