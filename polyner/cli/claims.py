"""`polyner claims`: the paper's claims and what the runs at hand say about them."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from polyner.cli.options import AsJson, Device, Groups, Languages, Profile, RunsFolder, StudyCorpora, given_settings
from polyner.cli.output import examples, print_json, print_lines, print_note, print_table
from polyner.study.plan import look_up, train_here
from polyner.study.protocol import Study

EXAMPLES = examples(
    "polyner claims",
    "polyner claims --profile laptop --corpora FOLDER --section 4 --section 4.1",
    "polyner claims --section 5.3 --details",
    "polyner claims --recorded NAME",
    "polyner claims --profile paper --corpora FOLDER --train --json",
)


def claims(
    profile: Profile = "quick",
    corpora: StudyCorpora = None,
    language: Languages = None,
    groups: Groups = None,
    section: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NUMBER", help="4, 4.1, 4.2, 5.1, 5.2, 5.3, or 6 (conjectures); repeatable. All but 6 by default."
        ),
    ] = None,
    train: Annotated[
        bool, typer.Option("--train/--no-train", help="Train the runs that are not in the run store.")
    ] = False,
    recorded: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Judge on recorded results: a folder in book/results, or its path."),
    ] = None,
    details: Annotated[
        bool, typer.Option("--details", help="Each claim in full, and what its verdict rests on.")
    ] = False,
    runs: RunsFolder = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Judge the paper's claims on the runs that are in the run store.

    A verdict is computed, part by part: a claim holds when all its parts do,
    does not hold when one contradicts it, and is undecided otherwise (one
    seed, runs that did not converge, or an interval that crosses the line),
    not run, or not testable here. Nothing is trained without --train.
    Analyses of runs (those of 5.2 and 5.3 can take long) are computed once
    and kept; --section leaves out those of the other sections. The column
    "the paper" has the same figure from the paper's Tables 1 and 3.
    """
    from polyner.findings import files
    from polyner.findings.study import SECTIONS, findings_of
    from polyner.paper import verdict_records, verdicts
    from polyner.paper.claims import OF_THE_PAPER, QUESTIONS, claims_of
    from polyner.paper.words import COLUMNS, part_cells

    chosen = claims_of(section)
    if recorded is not None:
        findings = files.recorded(recorded)
    else:
        settings = given_settings(profile, language, groups, corpora=corpora, device=device, runs=runs)
        study = Study(settings, policy=train_here if train else look_up)
        wanted = section or OF_THE_PAPER
        questions = [question for each in wanted for question in QUESTIONS[each]]
        findings = findings_of(study, questions, [each for each in wanted if each in SECTIONS])
    judged = verdicts(findings, chosen)
    if as_json:
        print_json(verdict_records(judged))
        return
    columns = ["claim", "verdict", COLUMNS[0], "verdict on it", *COLUMNS[2:]]
    rows = []
    for verdict in judged:
        # A row for each part, or one for a claim that has none; the claim and its verdict stand in the first.
        head = [verdict.claim.id, verdict.label.partition(" (")[0]]
        nothing = [""] * (len(COLUMNS) - 1) + [verdict.reason]
        for cells in [part_cells(part) for part in verdict.parts] or [nothing]:
            rows.append([*head, *cells])
            head = ["", ""]
    print_table(columns, rows)
    for verdict in judged:
        claim = verdict.claim
        about = {"why": verdict.reason, "not run": "; ".join(verdict.missing), "beside it": verdict.note}
        if details or (any(about.values()) and verdict.parts):
            print_lines("", f"{claim.id}: {verdict.label}", *([f"  {claim.claim}"] if details else []))
            told = {"judged as": claim.reading, "by chance": claim.null, "the paper": claim.paper} if details else {}
            print_lines(*(f"  {source}: {text}" for source, text in (told | about).items() if text))
    print_lines("", f"corpora: {judged[0].corpora or 'none'}; profile: {judged[0].profile}")
    counts = Counter(verdict.verdict for verdict in judged)
    print_lines(", ".join(f"{count} {name}" for name, count in counts.most_common()))
    if judged[0].sample:
        print_note("these are the built-in sample corpora: no verdict on them is evidence")
    if counts["not run"] and not train and recorded is None:
        print_note("what is not in the run store was not trained: --train trains it, --details says what is needed")
