"""The tagger in the page: which models it has, how they travel in an executed page, and its files in the website.

An executed page carries the exported models in an output of a kind of its own, so that the website is built from
executed pages alone. Building takes them out again: they become one script each, which the browser loads when its
reader asks for them.
"""

from __future__ import annotations

import html
import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polyner.book.runtime import in_base64, runtime_script
from polyner.corpora.folder import is_sample
from polyner.corpora.languages import in_order, language_name, table2
from polyner.corpora.sample import sample_corpus
from polyner.corpora.sentence import Sentence
from polyner.corpora.spans import spans_of
from polyner.errors import NotAvailable

if TYPE_CHECKING:
    import pandas as pd
    from nbformat import NotebookNode

    from polyner.study.protocol import Study

MIME = "application/vnd.polyner.tagger+json"
FOLDER = "tagger"  # of the website
SOURCE = "_tagger"  # of the book: the scripts and styles that are no models
SCRIPTS = ("decode.js", "guess.js", "load.js", "show.js", "page.js")  # joined to one
NO_MODELS = "This copy of the book holds no taggers: run `polyner book tagger`, whose page says what it lacks."
SAMPLE_NOTE = (
    "These taggers learnt from a few generated sentences of the built-in sample: expect mistakes on real text."
)
# Characters of all models together: the whole website stays below 30 MB.
MOST = 9_000_000
SAMPLES, FREQUENT_WORDS, TRIGRAMS = 3, 40, 200
_IN_PAGE = (
    '<div class="polyner-tagger"><p>The tagger runs in the built website, in browsers with JavaScript.</p></div>'
    f'<script defer src="{FOLDER}/tagger.js"></script>'
)


def show_tagger(study: Study, runs: pd.DataFrame) -> pd.DataFrame:
    """Display the tagger with the models of a table of `sections.taggers.chosen_runs`.

    Returns the rows whose models it has: those that would make the website too large are left out, the last languages
    first. A line says so, and where there is nothing to show.
    """
    from IPython.display import display

    models, left_out = _packed(study, runs)
    shown = runs[runs["run"].isin(list(models))]
    languages = {code: about_language(code, shown, study) for code in in_order(shown["language"])}
    if models:
        note = SAMPLE_NOTE if is_sample(study.settings.corpora) else ""
        carried = {"languages": languages, "models": models, "note": note}
        display({"text/html": _IN_PAGE, "text/plain": f"{len(models)} taggers", MIME: carried}, raw=True)
    for line in left_out if len(runs) else ["The settings of this run name no Byte-CRF: there is nothing to try."]:
        display({"text/html": f'<p class="polyner-nothing">{html.escape(line)}</p>', "text/plain": line}, raw=True)
    return shown


def _packed(study: Study, runs: pd.DataFrame) -> tuple[dict[str, Any], list[str]]:
    """The exported models by run, as the page carries them, and why others are not among them."""
    from polyner.export.model import export_run

    models: dict[str, Any] = {}
    left_out = []
    room = MOST
    for run in _polyglot_first(runs):
        try:
            exported = export_run(study.used[run])
        except NotAvailable as error:
            return {}, [str(error)]
        packed = in_base64(exported.onnx)
        if len(packed) > room:
            left_out.append(run)
            continue
        room -= len(packed)
        models[run] = {**exported.about, "onnx": packed}
    return models, [f"Left out, to keep the website small: {', '.join(left_out)}."] if left_out else []


def about_language(code: str, runs: pd.DataFrame, study: Study) -> dict[str, Any]:
    """What the page knows of a language: its name, its models, sample sentences, and what its text is known by.

    Sentences are those of the generated corpora, whatever the models were trained on: there are none of a language that
    Table 2 does not have. Words and trigrams are those of the training corpus.
    """
    own = runs[runs["language"] == code][["regime", "run", "f1"]]
    models = {regime: {"run": run, "f1": f1} for regime, run, f1 in own.itertuples(index=False)}
    samples = telling_sentences(sample_corpus(code).test, SAMPLES) if code in table2() else []
    learnt = study.corpora[code].train
    return {
        "name": language_name(code),
        "models": models,
        "samples": [" ".join(sentence.words) for sentence in samples],
        "frequent": frequent_words(learnt),
        "trigrams": frequent_trigrams(learnt),
    }


def telling_sentences(sentences: Iterable[Sentence], count: int) -> list[Sentence]:
    """The first sentences with entities of two types at least and of at most 16 words, no two with the same types."""
    chosen: dict[tuple[str, ...], Sentence] = {}
    for sentence in sentences:
        types = tuple(sorted(span.type for span in spans_of(sentence.tags)))
        if len(set(types)) > 1 and len(sentence.words) <= 16 and len(chosen) < count:
            chosen.setdefault(types, sentence)
    return list(chosen.values())


def frequent_words(sentences: Iterable[Sentence]) -> list[str]:
    """The most frequent words outside entities, lower case: what a language is known by among those of its script."""
    return [word for word, _ in Counter(_plain_words(sentences)).most_common(FREQUENT_WORDS)]


def frequent_trigrams(sentences: Iterable[Sentence]) -> str:
    """The most frequent character trigrams of these words, with a blank at both ends, joined without a separator."""
    counts: Counter[str] = Counter()
    for word, count in Counter(_plain_words(sentences)).items():
        around = f" {word} "
        for at in range(len(word)):
            counts[around[at : at + 3]] += count
    return "".join(trigram for trigram, _ in counts.most_common(TRIGRAMS))


def _plain_words(sentences: Iterable[Sentence]) -> Iterator[str]:
    for sentence in sentences:
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            if tag == "O" and any(character.isalpha() for character in word):
                yield unicodedata.normalize("NFC", word.lower())


def carried_by(notebook: NotebookNode) -> dict[str, Any] | None:
    """The models that an executed page carries, if it is one that does."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if MIME in output.get("data", {}):
                return output["data"][MIME]
    return None


def tagger_files(
    source: Path, carried: Mapping[str, Any] | None, cache: Path, note: Callable[[str], None] = lambda line: None
) -> dict[str, bytes]:
    """The files of the website's folder `tagger/`: scripts and styles from `source`, models, and the runtime.

    Where there are no models, or the runtime cannot be had, the page says so; `note` gets the line that says why.
    """
    files = {"tagger.css": (source / "tagger.css").read_bytes()}
    models = dict(carried["models"]) if carried else {}
    known = carried["languages"] if carried else {}
    # In order, which a notebook does not keep.
    manifest: dict[str, Any] = {"languages": {code: known[code] for code in in_order(known)}, "problem": ""}
    if not carried:
        manifest["problem"] = NO_MODELS
    else:
        try:
            files["runtime.js"] = runtime_script(cache)
        except NotAvailable as error:
            note(f"no tagger in the page: {error}")
            manifest["problem"] = (
                "The tagger is missing from this copy of the book: onnxruntime-web could not be fetched from npm when "
                "it was built. Build it again with a network: `polyner book --no-execute`."
            )
            models = {}
    manifest["note"] = carried["note"] if carried else ""
    kept = ("regime", "trained_on", "size", "sha256")
    manifest["models"] = {run: {name: model[name] for name in kept} for run, model in models.items()}
    for run, model in models.items():
        files[f"models/{run}.js"] = _script(f"polynerModels[{json.dumps(run)}]", model)
    scripts = [(source / name).read_bytes() for name in SCRIPTS]
    files["tagger.js"] = b"".join([_script("globalThis.polynerTaggers", manifest), *scripts])
    return files


def _script(target: str, value: Any) -> bytes:
    return f"{target} = {json.dumps(value, ensure_ascii=False, separators=(',', ':'))};\n".encode()


def _polyglot_first(runs: pd.DataFrame) -> list[str]:
    """Each run once: those that serve many languages, then the others language by language."""
    polyglot = runs["regime"].isin(["polyglot", "zero_shot"])
    rest = runs[~polyglot].sort_values("language", key=lambda codes: codes.map(in_order(codes).index), kind="stable")
    return list(dict.fromkeys([*runs[polyglot]["run"], *rest["run"]]))
