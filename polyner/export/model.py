"""A tagger as files for other programs: `model.onnx`, which makes emissions from words, and `model.json`, the rest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polyner.errors import PolynerError
from polyner.export.graph import emissions_graph

if TYPE_CHECKING:
    from polyner.models.crf import LinearChainCRF
    from polyner.models.tagger import Tagger
    from polyner.runs import Run


@dataclass(frozen=True)
class Exported:
    """onnx: the model (see `graph.emissions_graph`). about: what else tagging needs, and where the model comes from.

    `about` has model, tags, languages, longest_word (units that are read of a word), chains (start, transitions from
    row to column, end; one for all languages, or one for each of them in order), size and sha256 of the model, and of a
    run its id, regime and trained_on.
    """

    onnx: bytes
    about: dict[str, Any]

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write both files into a folder, which is made where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        model, about = folder / "model.onnx", folder / "model.json"
        model.write_bytes(self.onnx)
        about.write_text(json.dumps(self.about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return model, about


def export_tagger(tagger: Tagger) -> Exported:
    """The tagger as an ONNX model with 8-bit weights.

    Raises PolynerError for an architecture other than the two word-level CRFs over bytes and characters, and
    NotAvailable where `onnx` is not installed.
    """
    from polyner.models.word_crf import WordCRF

    if not isinstance(tagger, WordCRF):
        raise PolynerError(f"{tagger.name} cannot be exported: byte-crf and char-crf can")
    onnx = emissions_graph(tagger).SerializeToString()
    about = {
        "model": tagger.name,
        **tagger.vocabulary(),
        "longest_word": tagger.config.max_word_length,
        "chains": _chains(tagger.crf),
        "size": len(onnx),
        "sha256": hashlib.sha256(onnx).hexdigest(),
    }
    return Exported(onnx, about)


def export_run(run: Run) -> Exported:
    """The tagger of a finished run, which the answer names. Raises as `export_tagger` does."""
    from polyner.models import load_tagger

    exported = export_tagger(load_tagger(run.folder))
    origin = {"run": run.id, "regime": run.spec["regime"], "trained_on": run.spec["languages"]}
    return Exported(exported.onnx, {**origin, **exported.about})


def _chains(crf: LinearChainCRF) -> list[dict[str, Any]]:
    """The scores of each chain, with the nine digits that tell 32-bit numbers apart."""

    def numbers(values: Any) -> Any:
        return [numbers(value) for value in values] if isinstance(values, list) else float(f"{values:.9g}")

    return [
        {
            "start": numbers(chain.start_transitions.tolist()),
            "transitions": numbers(chain.transitions.tolist()),
            "end": numbers(chain.end_transitions.tolist()),
        }
        for chain in crf.crfs
    ]
