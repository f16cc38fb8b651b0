"""`polyner evaluate`: a saved tagger on corpora."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from polyner.cli.options import (
    TAGGER,
    AsJson,
    CorporaRoot,
    Device,
    Languages,
    RunsFolder,
    language_codes,
    open_tagger,
    tagger_folder,
)
from polyner.cli.output import examples, print_json, print_note
from polyner.cli.runs import print_scores
from polyner.corpora.folder import read_corpora
from polyner.corpora.sentence import SPLITS
from polyner.errors import CorpusError
from polyner.runs import Run
from polyner.validation import check_names

EXAMPLES = examples(
    "polyner evaluate RUN --corpora FOLDER",
    "polyner evaluate RUN --corpora FOLDER -l spa,nld --split dev --split test",
    "polyner evaluate FOLDER-OF-A-TAGGER --corpora sample --json",
)


def evaluate(
    tagger: Annotated[str, TAGGER],
    corpora: CorporaRoot = "sample",
    language: Languages = None,
    split: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="train, dev or test (the default); repeatable.")
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write word, gold and predicted tag to FOLDER/LANGUAGE.SPLIT.conll."),
    ] = None,
    runs: RunsFolder = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Score a trained tagger on corpora.

    By default on those of the languages it was trained on that are there.
    The corpora are taken whole and as they are: no cap, no projection of types.
    """
    from polyner.runs.perform import evaluate as evaluate_tagger

    splits = dict.fromkeys(split or ["test"])
    check_names(splits, SPLITS, what="split")
    folder = tagger_folder(tagger, runs)
    model = open_tagger(folder, device)
    wanted = language_codes(language)
    # A fine-tuned tagger was trained on one language last, and knows more.
    is_run = (folder / "spec.json").is_file()
    found = read_corpora(corpora, wanted or (Run(folder.name, folder).spec["languages"] if is_run else model.languages))
    if missing := [code for code in wanted or () if code not in found]:
        raise CorpusError(f"{corpora}: no corpus of {', '.join(missing)}")
    known = {tag[2:] for tag in model.tags if tag != "O"}
    results: dict[str, dict[str, Any]] = {}
    for code, corpus in found.items():
        if unknown := [entity_type for entity_type in corpus.types if entity_type not in known]:
            print_note(f"{code} has entities of type {', '.join(unknown)}, which this tagger never predicts")
        results[code] = evaluate_tagger(model, corpus, predictions, splits)
    if as_json:
        print_json({"tagger": tagger, "corpora": corpora, "languages": results})
    else:
        print_scores(results)
