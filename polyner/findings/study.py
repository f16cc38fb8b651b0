"""The findings of a study's runs: those at hand, or those that its policy trains now."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, NamedTuple

import pandas as pd

from polyner.corpora.folder import is_sample
from polyner.corpora.quality import entity_counts
from polyner.corpora.sentence import SPLITS, Corpus
from polyner.corpora.sources.provenance import read_sources
from polyner.corpora.spans import spans_of
from polyner.errors import PolynerError, SettingsError, StoreError, one_line
from polyner.findings.files import earlier_records, load, read_json, recorded_titles, save
from polyner.findings.findings import Estimates, Findings
from polyner.findings.runs import Record, run_record
from polyner.models.configs import config_class, configure
from polyner.runs import Run
from polyner.study.plan import look_up
from polyner.study.protocol import Study
from polyner.study.questions import BEYOND, PAGES, Ask, Question
from polyner.study.settings import Settings
from polyner.training.config import TrainingConfig
from polyner.validation import check_names

THIS_RUN = "this run"

SECTIONS: Mapping[str, str] = {
    "4": "corpora:label_findings",
    "4.2": "corpora:novel_findings",
    "5.1": "errors:error_findings",
    "5.2": "pruning:pruning_findings",
    "5.3": "fisher:fisher_findings",
    "6": "optima:optima_findings",
}
"""By section, the function here that makes the tables and estimates of its analyses of a study, beside what follows
from the runs' scores. It is imported where it is asked for, as most of them load torch."""


class Written(NamedTuple):
    """What was recorded: the folder, how many runs from the store and how many kept from before, which of the former
    had other scores before, what is not there, and of damaged runs, and sections that could not be computed, why."""

    folder: Path
    runs: int
    kept: int
    changed: list[str]
    not_run: list[dict[str, Any]]
    problems: dict[str, str]


def findings_of(study: Study, questions: Iterable[Question] = (), sections: Collection[str] = ()) -> Findings:
    """The findings of the runs that these questions are about, with the tables of these sections.

    What becomes of runs that are not in the store is the study's policy. Analyses are computed where the store does not
    keep them yet. Raises SettingsError for a section that has none.
    """
    check_names(sections, SECTIONS, what="section with analyses")
    asks = [ask for question in questions for ask in study.asks(question)]
    found = study.resolve(asks)
    there = {ask.spec.id for ask, _ in found}
    tables, estimates = _analyses(study, sections)
    about = _about(study, THIS_RUN, _gaps(ask for ask in asks if ask.spec.id not in there))
    records = _records(study, found)
    return Findings.of_runs(records, _facts(study.corpora), about, tables=tables, estimates=estimates)


def record(
    settings: Settings, folder: Path, sections: Collection[str] = (), title: str = "", source: str = "", note: str = ""
) -> Written:
    """Write the findings of the settings' store, of all runs that the pages need, into `folder`.

    Runs that are recorded already and are not in the store stay, if they are the same runs: records can be gathered
    from several machines. A section that is not named keeps what was recorded of it; those of 5.2 and 5.3 take long.
    `title` is what readers call the findings, `source` how they get the corpora, `note` what they should know of them;
    without one the findings keep theirs. Raises SettingsError for a section that is none, and for a title that other
    findings beside `folder` have.
    """
    check_names(sections, SECTIONS, what="section with analyses")
    for name, known in recorded_titles(folder.parent).items():
        if title == known and name != folder.name:
            raise SettingsError(f"{folder.parent / name} has the title {title!r} already")
    study = Study(settings, policy=look_up)
    asks = [ask for questions in PAGES.values() for question in questions for ask in study.asks(question)]
    problems: dict[str, str] = {}
    records = _records(study, study.resolve(asks), problems)
    new = {each["run"] for each in records}
    wanted = {ask.spec.id for ask in asks} - new
    earlier = {each["run"]: each for each in earlier_records(folder)}
    kept = [each for run, each in earlier.items() if run in wanted]
    changed = [run["run"] for run in records if earlier.get(run["run"], run)["scores"] != run["scores"]]
    done = new | {each["run"] for each in kept}
    if earlier and not done:
        raise SettingsError(f"{folder} has runs of other settings or corpora, and none of these is finished")
    tried = {ask.variant for ask in asks if ask.spec.id in done} | settings.variants.keys()
    gaps = _gaps(ask for ask in asks if ask.spec.id not in done and ask.variant not in BEYOND - tried)
    tables, estimates = _analyses(study, sections, problems)
    before = read_json(folder / "about.json") if (folder / "about.json").is_file() else {}
    about = _about(study, title or before.get("title", ""), gaps)
    about["note"] = note or before.get("note", "")
    about["corpora_from"] = [source] if source else about["corpora_from"] or before.get("corpora_from", [])
    save(Findings.of_runs([*records, *kept], _facts(study.corpora), about, tables=tables, estimates=estimates), folder)
    load(folder)  # raises StoreError where what was kept from before does not fit
    return Written(folder, len(records), len(kept), changed, gaps, problems)


def _analyses(
    study: Study, sections: Iterable[str], problems: dict[str, str] | None = None
) -> tuple[dict[str, pd.DataFrame], Estimates]:
    """The tables of the sections that are not empty, and their estimates; why a section could not be computed goes to
    `problems`, where that is given."""
    tables, estimates = {"settings": settings_table(study)}, {}
    for section in sections:
        try:
            found, figures = resolve_name(f"polyner.findings.{SECTIONS[section]}")(study)
        except (PolynerError, RuntimeError, KeyError, TypeError) as error:
            if problems is None:
                raise
            problems[section] = f"{type(error).__name__}: {one_line(error, 300)}"
        else:
            tables, estimates = tables | found, estimates | figures
    return {name: table for name, table in tables.items() if not table.empty}, estimates


def folder_name(settings: Settings) -> str:
    """How the findings of settings are called: their corpora's folder and their profile."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", f"{_corpora_name(settings)}-{settings.profile}")


def settings_table(study: Study) -> pd.DataFrame:
    """Every setting of each model and of its training, as text: model, setting, value, default."""
    rows = []
    for model in study.settings.models:
        pairs = [(configure(model, study.settings.architecture.get(model, {})), configure(model))]
        pairs.append((study.training(model), TrainingConfig(**config_class(model).training_defaults)))
        rows += [
            (model, entry.name, _shown(getattr(ours, entry.name)), _shown(getattr(default, entry.name)))
            for ours, default in pairs
            for entry in dataclasses.fields(ours)
        ]
    return pd.DataFrame(rows, columns=["model", "setting", "value", "default"])


def _shown(value: Any) -> str:
    """A setting as text; of a folder its name, for no folder of this machine is to be recorded."""
    return Path(value).name if isinstance(value, str) and Path(value).is_absolute() else str(value)


def _records(study: Study, found: Sequence[tuple[Ask, Run]], problems: dict[str, str] | None = None) -> list[Record]:
    """The runs that are there; of damaged ones the reason goes to `problems`, where that is given."""
    asked: dict[Run, list[Ask]] = defaultdict(list)
    for ask, run in found:
        asked[run].append(ask)
    records = []
    for run, asks in asked.items():
        spec = asks[0].spec
        sentences = {code: len(study.data(spec)[code].train) for code in spec.languages}
        try:
            records.append(run_record(run, asks, sentences, study.store, study.corpora))
        except (StoreError, KeyError) as error:
            if problems is None:
                raise
            problems[run.id] = str(error)
    return records


def _facts(corpora: Mapping[str, Corpus]) -> dict[str, Any]:
    """Sizes and numbers of each corpus, without its text."""
    facts = {}
    for code, corpus in corpora.items():
        facts[code] = {
            "fingerprint": corpus.fingerprint[:16],
            "sentences": {split: len(corpus[split]) for split in SPLITS},
            "training_words": sum(map(len, corpus.train)),
            "training_entities": entity_counts(corpus.train),
            "test_gold": " ".join(str(len(spans_of(sentence.tags))) for sentence in corpus.test),
        }
    return facts


def _about(study: Study, title: str, not_run: list[dict[str, Any]]) -> dict[str, Any]:
    """What the findings rest on. No folder of this machine is in it."""
    settings = study.settings
    kept = dataclasses.asdict(settings)
    for name in ("corpora", "device", "runs"):
        del kept[name]
    if encoder := kept["architecture"].get("mbert-crf", {}).get("encoder"):
        kept["architecture"]["mbert-crf"]["encoder"] = Path(encoder).name
    sources = {} if is_sample(settings.corpora) else read_sources(Path(settings.corpora))
    return {
        "title": title,
        "corpora": _corpora_name(settings),
        "corpora_from": sorted({_origin(entry) for entry in sources.values()} - {""}),
        "sample": is_sample(settings.corpora),
        "analysed": study.analysed_model,
        "settings": kept,
        "models_not_run": study.not_run,
        "not_run": not_run,
    }


def _origin(entry: Mapping[str, str]) -> str:
    """Where a corpus is from, and its licence in brackets, as far as they are known."""
    return f"{_shown(entry.get('origin', ''))} ({entry.get('licence') or ''})".removesuffix("()").strip()


def _corpora_name(settings: Settings) -> str:
    return "sample" if is_sample(settings.corpora) else Path(settings.corpora).resolve().name


def _gaps(missing: Iterable[Ask]) -> list[dict[str, Any]]:
    """What was not run: model, regime, variant, sentences (of a learning curve, else None), languages (of each of the
    runs), seeds."""
    seeds: dict[tuple[Any, ...], dict[tuple[str, ...], None]] = defaultdict(dict)
    for ask in missing:
        cut = (ask.sentences or None) if ask.spec.regime != "polyglot" else None
        seeds[ask.model, ask.spec.regime, ask.variant, cut, ask.seed][ask.spec.languages] = None
    grouped: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for (*key, seed), languages in seeds.items():
        grouped[(*key, tuple(languages))].append(seed)
    columns = ("model", "regime", "variant", "sentences", "languages", "seeds")
    return [
        dict(zip(columns, (*key, [list(codes) for codes in languages], each), strict=True))
        for (*key, languages), each in grouped.items()
    ]
