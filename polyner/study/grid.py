"""The search for hyper-parameters of §3.4, as a list of runs."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pandas as pd
from safetensors import safe_open

from polyner.runs import RunSpec
from polyner.study.protocol import Study
from polyner.study.settings import Settings

LAYERS = (1, 2, 3)
HIDDEN_SIZES = (128, 256, 512)


def grid_points() -> list[dict[str, int]]:
    """The configurations of the word-level CRFs that the paper searched: "1-3 layers at each level and hidden sizes of
    {128, 256, 512}". The paper does not say whether both levels have the same size; here they do."""
    return [
        {
            "unit_layers": unit_layers,
            "sentence_layers": sentence_layers,
            "unit_hidden_size": size,
            "sentence_hidden_size": size,
        }
        for unit_layers, sentence_layers, size in product(LAYERS, LAYERS, HIDDEN_SIZES)
    ]


def grid_specs(settings: Settings, model: str, language: str) -> list[tuple[dict[str, int], RunSpec]]:
    """Each point of the grid with the specifications of its monolingual runs, one a seed of the settings."""
    return [
        (point, study.spec(model, "monolingual", (language,), seed))
        for point, study in _studies(settings, model, language)
        for seed in settings.seeds
    ]


def grid_results(settings: Settings, model: str, languages: Sequence[str]) -> pd.DataFrame:
    """Development F1 of every point of the grid, training what is not in the run store.

    Columns: unit_layers, sentence_layers, unit_hidden_size, sentence_hidden_size, language, seed, dev_f1 (percent),
    parameters, seconds (of training), run. Test scores are not for choosing among them, and are not here.
    """
    rows = []
    for language in languages:
        for point, study in _studies(settings, model, language):
            for seed in settings.seeds:
                run = study.run(model, "monolingual", (language,), seed)
                rows.append(
                    {
                        **point,
                        "language": language,
                        "seed": seed,
                        "dev_f1": run.metrics["dev_f1"],
                        "parameters": parameters(run.folder / "model.safetensors"),
                        "seconds": run.seconds,
                        "run": run.id,
                    }
                )
    return pd.DataFrame(rows)


def parameters(weights: Path) -> int:
    """How many numbers a file of weights holds, read from its header alone."""
    with safe_open(weights, framework="numpy") as file:
        return sum(math.prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118  # it is no mapping


def _studies(settings: Settings, model: str, language: str) -> Iterator[tuple[dict[str, int], Study]]:
    whole = Study(dataclasses.replace(settings, models=(model,), languages=(language,)))
    for point in grid_points():
        architecture = {**settings.architecture, model: {**settings.architecture.get(model, {}), **point}}
        own = dataclasses.replace(whole.settings, architecture=architecture)
        yield point, Study(own, whole.store, corpora=whole.corpora)
