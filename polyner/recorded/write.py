"""Writing recorded results from the finished runs of a store."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from polyner.corpora.folder import is_sample
from polyner.corpora.sentence import Corpus
from polyner.errors import PolynerError, SettingsError, StoreError
from polyner.paper.checks.labels import label_shift_table
from polyner.recorded.read import FIGURES, Recorded, all_recorded
from polyner.recorded.run import counts_text, run_record, write_record
from polyner.recorded.summary import write_summary
from polyner.recorded.tables import write_table
from polyner.scoring import count_spans, count_spans_by_sentence
from polyner.sections.figures import figure_table
from polyner.sections.gather import gather_evidence, whole_corpora
from polyner.study.plan import Planned, look_up
from polyner.study.protocol import Study
from polyner.study.questions import PAGES, TABLE_3
from polyner.study.settings import Settings
from polyner.study.tables import zero_shot_counts

FORMAT = 1
# Tables of the analyses that are recorded as they are, by the section that they belong to.
TABLES = {
    "4": ("label_shift",),
    "5.1": ("recall_errors", "common_errors"),
    "5.2": ("pruning", "efficiency"),
    "5.3": ("fisher",),
}
# What of the estimates' cost says nothing of the models.
_NOT_RECORDED = ["run", "parameters", "used", "precision", "seconds"]


class Written(NamedTuple):
    """What was recorded: the folder, how many runs from the store and how many kept from before, what is not there,
    and of damaged runs, and sections that could not be computed, the reason."""

    folder: Path
    runs: int
    kept: int
    not_run: list[dict[str, Any]]
    problems: dict[str, str]


def record(settings: Settings, folder: Path, sections: Iterable[str] = (), title: str = "") -> Written:
    """Write the finished runs of the settings' store that the pages need into `folder`.

    Those that are recorded already and are not in the store stay, if they are the same runs: records can be gathered
    from several machines. `sections`: 4.2 adds the polyglot runs' scores on languages they have not seen; 4, 5.1, 5.2
    and 5.3 add the tables that their claims need (5.2 and 5.3 take long). A section that is not named keeps what was
    recorded of it. `title` is what readers call the results; without one they keep theirs. Raises SettingsError for a
    section that is none, and for a title that other results beside `folder` have.
    """
    sections = tuple(sections)
    if unknown := [section for section in sections if section not in (*TABLES, "4.2")]:
        raise SettingsError(f"nothing to record of section {unknown[0]!r}: one of 4, 4.2, 5.1, 5.2, 5.3")
    for other in all_recorded(folder.parent):
        if title == other.title and other.folder != folder:
            raise SettingsError(f"{other.folder} has the title {title!r} already")
    study = Study(settings, policy=look_up)
    plan = study.plan({page: [ask for q in asked for ask in study.asks(q)] for page, asked in PAGES.items()})
    written, kept, wanted, problems = {}, {}, {}, {}
    for planned in plan.runs.values():
        path = folder / "runs" / record_name(planned)
        wanted[path] = planned
        new, earlier = None, _earlier(path, planned)
        if planned.finished:
            run = study.store.look_up(planned.spec)
            try:
                new = run_record(run, planned.variant, _sentences(planned))
            except (StoreError, KeyError) as error:
                problems[run.id] = str(error)
        if new and earlier:
            new["zero_shot"] = earlier["zero_shot"]
        if new or earlier:
            (written if new else kept)[path] = new or earlier
    if "4.2" in sections:
        problems |= _add_zero_shot(study, written)
    for path, each in written.items():
        write_record(path, each)
    _remove_others(folder / "runs", settings.models, written.keys() | kept.keys())
    not_run = _gaps(planned for path, planned in wanted.items() if path not in written and path not in kept)
    write_record(folder / "corpora.json", {code: _corpus(corpus) for code, corpus in study.corpora.items()})
    write_record(folder / "about.json", _about(study, folder, title, not_run))
    problems |= _write_tables(study, folder, sections)
    write_summary(Recorded(folder))
    return Written(folder, len(written), len(kept), not_run, problems)


def record_name(planned: Planned) -> str:
    """The file of a run's record below `runs/`: model, regime and variant, languages and seed."""
    spec = planned.spec
    regime = spec.regime if not planned.variant else f"{spec.regime}-{planned.variant}"
    return f"{spec.model}/{regime}/{_label(planned)}-s{spec.seed}.json"


def folder_name(settings: Settings) -> str:
    """How the records of settings are called: their corpora's folder and their profile."""
    corpora = "sample" if is_sample(settings.corpora) else Path(settings.corpora).resolve().name
    return re.sub(r"[^A-Za-z0-9._-]", "_", f"{corpora}-{settings.profile}")


def _label(planned: Planned) -> str:
    """A run's languages, joined by +, and the number of sentences where it is not trained on all."""
    cut = "" if planned.sentences is None else f"-{planned.sentences}"
    return planned.spec.languages_label + cut


def _sentences(planned: Planned) -> dict[str, int]:
    return {code: len(planned.corpora[code].train) for code in planned.spec.languages}


def _earlier(path: Path, planned: Planned) -> dict[str, Any] | None:
    """The record that is there already, if it is one of this run."""
    if not path.is_file():
        return None
    earlier = json.loads(path.read_text(encoding="utf-8"))
    return earlier if earlier["run"] == planned.id else None


def _add_zero_shot(study: Study, records: Mapping[Path, dict[str, Any]]) -> dict[str, str]:
    """Scores of the analysed model's polyglot runs on the novel languages at hand. What failed, with the reason."""
    by_run = {each["run"]: each for each in records.values()}
    for ask, run in study.resolve(study.asks(TABLE_3)):
        if ask.regime != "zero_shot" or run.id not in by_run:
            continue
        for language in ask.languages:
            try:
                spans = zero_shot_counts(study.store, run, study.corpora[language])
            except (PolynerError, RuntimeError, KeyError, TypeError) as error:
                return {"4.2": f"{run.id}: {type(error).__name__}: {error}"}
            by_run[run.id]["zero_shot"][language] = {
                split: _span_totals(own) | (counts_text(own) if split == "test" else {})
                for split, own in spans.groupby("split", sort=False)
            }
    return {}


def _span_totals(counts) -> dict[str, Any]:
    return {"by_type": {"all": [int(counts[name].sum()) for name in ("correct", "predicted", "gold")]}}


def _corpus(corpus: Corpus) -> dict[str, Any]:
    """Sizes and numbers of a corpus, without its text."""
    gold = [sentence.tags for sentence in corpus.train]
    entities = count_spans(gold, gold).set_index("type")["gold"]
    test = [sentence.tags for sentence in corpus.test]
    return {
        "fingerprint": corpus.fingerprint[:16],
        "sentences": {split: len(corpus[split]) for split in ("train", "dev", "test")},
        "training_words": sum(len(sentence) for sentence in corpus.train),
        "training_entities": {name: int(count) for name, count in entities.items()},
        "test_gold": " ".join(map(str, count_spans_by_sentence(test, test)["gold"])),
    }


def _about(study: Study, folder: Path, title: str, not_run: list[dict[str, Any]]) -> dict[str, Any]:
    """What the records rest on. No folder of this machine is in it."""
    settings, before = study.settings, folder / "about.json"
    if not title and before.is_file():
        title = json.loads(before.read_text(encoding="utf-8")).get("title", "")
    sample = is_sample(settings.corpora)
    kept = {key: value for key, value in settings.as_dict().items() if key not in ("corpora", "device", "runs")}
    encoder = kept["architecture"].get("mbert-crf", {}).get("encoder")
    if encoder:
        kept["architecture"] = {
            **kept["architecture"],
            "mbert-crf": {**kept["architecture"]["mbert-crf"], "encoder": Path(encoder).name},
        }
    return {
        "format": FORMAT,
        "name": folder.name,
        "title": title,
        "corpora": "sample" if sample else Path(settings.corpora).resolve().name,
        "sample": sample,
        "settings": kept,
        "missing_languages": study.missing,
        "models_not_run": study.not_run,
        "languages_left_out": [[*key, reason] for key, reason in study.left_out.items()],
        "not_run": not_run,
    }


def _gaps(missing: Iterable[Planned]) -> list[dict[str, Any]]:
    """What was not run: model, regime, variant, languages (the labels of their records), seeds."""
    seeds: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for planned in missing:
        spec = planned.spec
        seeds[spec.model, spec.regime, planned.variant, str(spec.seed)][_label(planned)] = None
    grouped: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for (model, regime, variant, seed), languages in seeds.items():
        grouped[model, regime, variant, tuple(languages)].append(int(seed))
    columns = ("model", "regime", "variant", "languages", "seeds")
    return [dict(zip(columns, (*key[:3], list(key[3]), each), strict=True)) for key, each in grouped.items()]


def _remove_others(folder: Path, models: Iterable[str], keep: Iterable[Path]) -> None:
    """Delete the records of these models that are none of this study any more."""
    keep = set(keep)
    for model in models:
        for path in (folder / model).rglob("*.json"):
            if path not in keep:
                path.unlink()


def _write_tables(study: Study, folder: Path, sections: Iterable[str]) -> dict[str, str]:
    """Compute and write the tables of the sections; the reasons of those that could not be computed."""
    problems = {}
    for section in sections:
        try:
            tables = dict(_tables(study, section))
        except (PolynerError, RuntimeError, KeyError, TypeError) as error:
            problems[section] = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
            continue
        for name, table in tables.items():
            write_table(folder / "tables" / f"{name}.csv", table)
    return problems


def _tables(study: Study, section: str) -> Iterator[tuple[str, Any]]:
    if section == "4":
        yield "label_shift", label_shift_table(whole_corpora(study.settings))
    elif section in TABLES:
        evidence = gather_evidence(study, sections=[section])
        for name in TABLES[section]:
            table = getattr(evidence, name)
            if table is not None:
                yield name, table.drop(columns=_NOT_RECORDED) if name == "fisher" else table
        if estimates := {name: each for name, each in evidence.figures.items() if name != "overlaps"}:
            yield f"{FIGURES}-{section}", figure_table(estimates)
