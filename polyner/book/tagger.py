"""The tagger in the page: which models it has, how they travel in an executed page, and its files in the website.

The website has the taggers that come with the package, and those of a run on real corpora, which the executed page
carries in an output of a kind of its own, so that the website is built from executed pages alone. Building takes them
out again: they become one script each, which the browser loads when its reader asks for them.
"""

from __future__ import annotations

import base64
import gzip
import json
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from nbformat import NotebookNode

from polyner.book.markup import remark, show_markup
from polyner.book.notebooks import shown_in
from polyner.corpora.folder import is_sample
from polyner.corpora.languages import in_order
from polyner.findings.study import THIS_RUN
from polyner.study.protocol import Study
from polyner.taggers.collection import Collection

MIME = "application/vnd.polyner.taggers+json"
FOLDER = "tagger"  # of the website
SOURCE = "_tagger"  # of the book: the scripts and styles that are no models
SCRIPTS = ("decode.js", "network.js", "guess.js", "load.js", "show.js", "page.js")  # joined to one
# Characters of all models of a run together.
MOST = 24_000_000
_IN_PAGE = (
    '<div class="polyner-tagger"><p>The tagger runs in the built website, in browsers with JavaScript.</p></div>'
    f'<script defer src="{FOLDER}/tagger.js"></script>'
)

Taggers = dict[str, Any]
"""The taggers of one study as the page takes them: title, languages and models as the index of a `Collection` has them,
with samples (sentences to try) of each language, and of each model its configuration and its weights (gzip, in
base64)."""


def show_tagger(study: Study) -> pd.DataFrame:
    """Display the tagger, and return its models' test F1: taggers (whose), language, and a column for each regime.

    A study on real corpora adds its own models, the best of its seeds on development data. Models that would make the
    website too large are left out, the last languages first. A line says so, and where there is nothing to show.
    """
    from polyner.taggers.export import about_languages, chosen_runs, scores

    tables, lines, data = {}, [], {"text/plain": "the tagger in the page"}
    shipped = Collection.open()
    if not is_sample(study.settings.corpora):
        runs = chosen_runs(study)
        models, lines = _exported(study, runs)
        shown = runs[runs["run"].isin(list(models))]
        if models:
            tables[THIS_RUN] = scores(shown)
            languages = _with_samples(about_languages(study, shown))
            data[MIME] = {"title": THIS_RUN, "languages": languages, "models": models}
        elif not len(runs):
            lines = ["The settings of this run name no Byte-CRF: there is nothing to try."]
    by_language = {code: language["models"] for code, language in shipped.languages.items()}
    rows = [(code, regime, model["f1"]) for code, own in by_language.items() for regime, model in own.items()]
    tables[shipped.about["title"]] = scores(pd.DataFrame(rows, columns=["language", "regime", "f1"]))
    show_markup(_IN_PAGE, data)
    for line in lines:
        show_markup(remark(line), {"text/plain": line})
    return pd.concat(tables, names=["taggers"]).reset_index("taggers").reset_index(drop=True)


def _exported(study: Study, runs: pd.DataFrame) -> tuple[dict[str, Any], list[str]]:
    """The exported models by run, as the page carries them, and a line that names those left out."""
    from polyner.taggers.export import export_run

    models: dict[str, Any] = {}
    order, room = _polyglot_first(runs), MOST
    for run in order:
        with tempfile.TemporaryDirectory() as folder:
            model = export_run(study.used[run], Path(folder)) | _files(Path(folder))
        if len(model["weights"]) <= room:
            room -= len(model["weights"])
            models[run] = model
    left_out = [run for run in order if run not in models]
    return models, [f"Left out, to keep the website small: {', '.join(left_out)}."] if left_out else []


def _files(folder: Path) -> dict[str, Any]:
    """The configuration and the weights in a folder with an exported tagger."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    weights = gzip.compress((folder / "model.safetensors").read_bytes(), 9, mtime=0)
    return {**config, "weights": base64.b64encode(weights).decode()}


def _with_samples(languages: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {code: {**about, "samples": examples().get(code, [])} for code, about in languages.items()}


@cache
def examples() -> dict[str, list[str]]:
    """Sentences to try taggers with, by language."""
    return yaml.safe_load(resources.files("polyner.taggers").joinpath("examples.yml").read_text(encoding="utf-8"))


def shipped_taggers() -> Taggers:
    """The package's taggers as the page takes them."""
    collection = Collection.open()
    models = {run: {**about, **_files(collection.folder / run)} for run, about in collection.models.items()}
    return {"title": collection.about["title"], "languages": _with_samples(collection.languages), "models": models}


def carried_by(notebook: NotebookNode | None) -> Taggers | None:
    """The models that an executed page carries, if it is one that does."""
    return next((data[MIME] for data in shown_in(notebook) if MIME in data), None)


def tagger_files(source: Path, carried: Taggers | None) -> dict[str, bytes]:
    """The files of the website's folder `tagger/`: scripts and styles from `source`, and the models.

    A run on real corpora stands before the package's own taggers.
    """
    files = {"tagger.css": (source / "tagger.css").read_bytes()}
    collections = []
    for study in filter(None, (carried, shipped_taggers())):
        # In order, which a notebook does not keep.
        languages = {code: _shown(study["languages"][code]) for code in in_order(study["languages"])}
        models = {run: {name: model[name] for name in ("trained_on", "size")} for run, model in study["models"].items()}
        collections.append({"title": study["title"], "languages": languages, "models": models})
        for run, model in study["models"].items():
            files[f"models/{run}.js"] = _script(f"polynerModels[{json.dumps(run)}]", model)
    scripts = [(source / name).read_bytes() for name in SCRIPTS]
    files["tagger.js"] = b"".join([_script("globalThis.polynerTaggers", collections), *scripts])
    return files


def _shown(language: Mapping[str, Any]) -> dict[str, Any]:
    """What the page needs of a language at once."""
    models = {regime: {name: model[name] for name in ("run", "f1")} for regime, model in language["models"].items()}
    return {**{name: language[name] for name in ("name", "samples", "frequent", "trigrams")}, "models": models}


def _script(target: str, value: Any) -> bytes:
    return f"{target} = {json.dumps(value, ensure_ascii=False, separators=(',', ':'))};\n".encode()


def _polyglot_first(runs: pd.DataFrame) -> list[str]:
    """Each run once: those that serve many languages, then the others language by language."""
    polyglot = runs["regime"].isin(["polyglot", "zero_shot"])
    rest = runs[~polyglot].sort_values("language", key=lambda codes: codes.map(in_order(codes).index), kind="stable")
    return list(dict.fromkeys([*runs[polyglot]["run"], *rest["run"]]))
