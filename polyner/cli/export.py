"""`polyner export`: a trained tagger for programs without PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polyner.cli.options import AsJson, RunsFolder, TaggerArgument, open_tagger, tagger_folder
from polyner.cli.output import examples, print_json, print_lines

EXAMPLES = examples("polyner export RUN --onnx FOLDER")


def export(
    tagger: TaggerArgument,
    onnx: Annotated[Path, typer.Option("--onnx", metavar="FOLDER", help="Where model.onnx and model.json go.")],
    runs: RunsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write a trained byte-crf or char-crf as an ONNX model with 8-bit weights.

    model.onnx makes emission scores from the words of a sentence, as int32
    units (words × longest, padded with 0) and lengths (words). model.json
    has the tags and the scores of the CRF, for Viterbi and marginals.
    """
    from polyner.export.model import export_tagger

    exported = export_tagger(open_tagger(tagger_folder(tagger, runs), "cpu"))
    paths = exported.write(onnx)
    if as_json:
        print_json({"files": [str(path) for path in paths], **{k: exported.about[k] for k in ("size", "sha256")}})
    else:
        print_lines(*(f"{path} ({path.stat().st_size / 1e6:.2f} MB)" for path in paths))
