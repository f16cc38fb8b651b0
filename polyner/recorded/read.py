"""Reading recorded results: the tables that pages show and claims are judged on, and where they come from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from polyner.corpora.languages import in_order, language_name
from polyner.errors import StoreError
from polyner.names import REGIME_NAMES, architecture_name, group_name, variant_name
from polyner.paper.evidence import COLUMNS, Evidence
from polyner.recorded.run import counts_table, ratios
from polyner.recorded.tables import read_table
from polyner.study.groups import Group, groups_of
from polyner.study.settings import book_folder

_RESULTS = [
    "model",
    "regime",
    "variant",
    "group",
    "language",
    "seed",
    "split",
    "f1",
    "precision",
    "recall",
    "selection_f1",
    "run",
    "ended",
]
_TABLES = tuple(name for name in COLUMNS if name not in ("results", "counts"))
FIGURES = "figures"  # tables with these names, one a section, hold figures with their intervals


@dataclass(frozen=True)
class Recorded:
    """Recorded results in a folder. Reading raises StoreError for a file that is missing or damaged."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def title(self) -> str:
        """What readers call these results; the folder's name where they were given no title."""
        return self.about.get("title") or self.name

    @cached_property
    def about(self) -> dict[str, Any]:
        """Settings, corpora, and what was not run (`about.json`)."""
        return _read(self.folder / "about.json")

    @cached_property
    def corpora(self) -> dict[str, Any]:
        """By language: fingerprint, numbers of sentences, training_words, training_entities, test_gold."""
        return _read(self.folder / "corpora.json")

    @cached_property
    def runs(self) -> list[dict[str, Any]]:
        """The records of the runs, by model in the settings' order, regime, languages and seed."""
        models = list(self.about["settings"]["models"])
        found = [_read(path) for path in sorted((self.folder / "runs").rglob("*.json"))]
        found = [each for each in found if each["spec"]["model"] in models]
        regimes = ("monolingual", "polyglot", "fine_tuned")

        def place(each: Mapping[str, Any]) -> tuple[Any, ...]:
            spec = each["spec"]
            languages = [order[code] for code in spec["languages"]]
            return models.index(spec["model"]), regimes.index(spec["regime"]), each["variant"], languages, spec["seed"]

        codes = in_order(code for each in found for code in each["spec"]["languages"])
        order = {code: number for number, code in enumerate(codes)}

        return sorted(found, key=place)

    @cached_property
    def groups(self) -> Mapping[str, Group]:
        """The groups of languages, as the study has them."""
        return groups_of(self.about["settings"].get("groups"))

    def is_novel(self, group: str) -> bool:
        """Whether a group is of novel languages."""
        return self.groups[group].novel_of is not None

    def groups_of(self, each: Mapping[str, Any], language: str) -> list[str]:
        """The groups in which a run is compared on a language: of several that are trained together and have all
        languages of its polyglot model, the smallest; with them the groups of their novel languages."""
        having = [group for group in self.groups.values() if language in group.languages]
        spec = each["spec"]
        if spec["regime"] == "monolingual":
            return [group.name for group in having]
        polyglot = self._by_id[spec["parent"]]["spec"] if spec.get("parent") in self._by_id else spec
        together = set(polyglot["languages"])
        sizes = {
            name: len(group.languages)
            for name, group in self.groups.items()
            if group.novel_of is None and together <= set(group.languages)
        }
        own = min(sizes, key=sizes.__getitem__, default=None) if len(together) > 1 else None
        return [group.name for group in having if own is None or own in (group.name, group.novel_of)]

    @cached_property
    def _by_id(self) -> dict[str, dict[str, Any]]:
        return {each["run"]: each for each in self.runs}

    @cached_property
    def results(self) -> pd.DataFrame:
        """A table as `Study.results` has it, of all recorded runs on whole training sets, the variants among them.

        On novel languages, polyglot runs have the regime zero_shot.
        """
        rows = []
        for each in self._whole_runs():
            spec = each["spec"]
            keys = {"model": spec["model"], "variant": each["variant"], "seed": spec["seed"], "run": each["run"]}
            keys["ended"] = "limit" if ended_by_limit(each) else "patience"
            keys["selection_f1"] = max(epoch["dev_f1"] for epoch in each["history"])
            for regime, scored in ((spec["regime"], each["languages"]), ("zero_shot", each["zero_shot"])):
                for language, splits in scored.items():
                    for group in self.groups_of(each, language):
                        own = {**keys, "regime": regime, "language": language, "group": group}
                        rows += [{**own, "split": split, **ratios(scores)} for split, scores in splits.items()]
        return pd.DataFrame(rows, columns=_RESULTS)

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Span counts of each test sentence: run, language, sentence, correct, predicted, gold."""
        tables = []
        for each in self._whole_runs():
            for language, splits in [*each["languages"].items(), *each["zero_shot"].items()]:
                try:
                    table = counts_table(splits["test"], self.corpora[language]["test_gold"])
                except (KeyError, ValueError) as error:
                    raise StoreError(f"{self.folder}: {each['run']} has no counts for {language}: {error}") from None
                tables.append(table.assign(run=each["run"], language=language))
        columns = ["run", "language", "sentence", "correct", "predicted", "gold"]
        return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)

    @cached_property
    def curves(self) -> pd.DataFrame:
        """Learning curves of §4.2 as `sections.novel.learning_curves` has them, as far as they were recorded."""
        rows = []
        for each in self.runs:
            spec = each["spec"]
            for language in spec["languages"] if not each["variant"] and spec["regime"] != "polyglot" else ():
                if any(map(self.is_novel, self.groups_of(each, language))):
                    f1 = ratios(each["languages"][language]["test"])["f1"]
                    sentences = each["sentences"][language]
                    rows.append((spec["model"], language, spec["regime"], sentences, spec["seed"], f1, each["run"]))
            for language, splits in each["zero_shot"].items():
                f1 = ratios(splits["test"])["f1"]
                rows.append((spec["model"], language, "fine_tuned", 0, spec["seed"], f1, each["run"]))
        columns = ["model", "language", "regime", "sentences", "seed", "f1", "run"]
        return pd.DataFrame(rows, columns=columns).sort_values(["language", "regime", "sentences"], ignore_index=True)

    @cached_property
    def histories(self) -> pd.DataFrame:
        """Columns: run, model, regime, variant, language (joined by +), seed, epoch, loss, dev_f1, seconds."""
        rows = [
            {
                **{"run": each["run"], "model": each["spec"]["model"], "regime": each["spec"]["regime"]},
                **{"variant": each["variant"], "language": "+".join(each["spec"]["languages"])},
                **{"seed": each["spec"]["seed"], **epoch},
            }
            for each in self.runs
            for epoch in each["history"]
        ]
        return pd.DataFrame(rows)

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The recorded tables of the analyses, by the names that `Evidence` has for them."""
        paths = {name: self.folder / "tables" / f"{name}.csv" for name in _TABLES}
        return {name: read_table(path, COLUMNS[name]) for name, path in paths.items() if path.is_file()}

    def evidence(self) -> Evidence:
        """The recorded results as evidence for the claims."""
        from polyner.sections.figures import figures_of_table, with_figures

        known = {"results": self.results, "counts": self.counts, **self.tables}
        nothing = pd.DataFrame(columns=list(COLUMNS["label_shift"]))
        models = list(self.about["settings"]["models"])
        evidence = Evidence(
            **{"label_shift": nothing, **known},
            corpora={},
            profile=self.about["settings"]["profile"],
            origin=f"{self.about['corpora']} (recorded)",
            from_sample=self.about["sample"],
            analysed="byte-crf" if "byte-crf" in models else models[0],
        )
        figures = {}
        for path in sorted((self.folder / "tables").glob(f"{FIGURES}-*.csv")):
            figures |= figures_of_table(read_table(path, ("name", "key", "figure")))
        return with_figures(evidence, figures)

    def provenance(self) -> dict[str, str]:
        """What all of the records rest on, in words: profile, corpora, sizes, code, machines, time."""
        settings, corpora = self.about["settings"], self.corpora
        caps = {"training": settings["max_train_sentences"], "dev and test": settings["max_eval_sentences"]}
        machines = Counter(_machine(each["environment"]) for each in self.runs)
        versions = Counter(f"{each['environment']['polyner']} ({_version(each)})" for each in self.runs)
        ended = sorted(str(each["environment"].get("finished", ""))[:10] for each in self.runs)
        total = sum(each["environment"]["training_seconds"] for each in self.runs)
        return {
            "Corpora": f"{self.about['corpora']}, {len(corpora)} languages",
            "Profile": settings["profile"],
            "At most": ", ".join(f"{cap:,} {what} sentences" for what, cap in caps.items() if cap),
            "Seeds": ", ".join(map(str, settings["seeds"])),
            "Runs": f"{len(self.runs)}, of {ended[0]} to {ended[-1]}" if ended else "none",
            "Code": _counted(versions),
            "Machines": _counted(machines),
            "Training took": f"{total / 3600:.1f} hours",
            "Not run": "; ".join(map(self._gap, self.about["not_run"])),
            "Cannot be run": "; ".join(f"{model}: {why}" for model, why in self.about["models_not_run"].items()),
        }

    def run_table(self) -> pd.DataFrame:
        """A row a run: model, regime, variant, languages, seed, run, dev_f1 and test_f1 (means over its languages),
        epochs, seconds, machine, code, finished."""
        rows = []
        for each in self.runs:
            means = {
                f"{split}_f1": sum(ratios(splits[split])["f1"] for splits in each["languages"].values())
                / len(each["languages"])
                for split in ("dev", "test")
            }
            environment, spec = each["environment"], each["spec"]
            whole = {code: corpus["sentences"]["train"] for code, corpus in self.corpora.items()}
            cut = [str(count) for code, count in each["sentences"].items() if whole.get(code) != count]
            rows.append(
                {
                    **{"model": spec["model"], "regime": spec["regime"]},
                    "variant": variant_name(each["variant"]),
                    "languages": self._languages("-".join(["+".join(spec["languages"]), *cut[:1]])),
                    **{"seed": spec["seed"], "run": each["run"]},
                    **means,
                    "epochs": len(each["history"]),
                    "seconds": environment["training_seconds"],
                    "machine": _machine(environment),
                    "code": _version(each),
                    "finished": str(environment.get("finished", ""))[:10],
                }
            )
        return pd.DataFrame(rows)

    def _gap(self, gap: Mapping[str, Any]) -> str:
        """Runs that are missing, in words: "Byte CRF, polyglot (own transitions): CoNLL, LORELEI (seeds 2, 3)"."""
        variant = variant_name(gap["variant"])
        regime = REGIME_NAMES[gap["regime"]] + (f" ({variant})" if variant else "")
        languages = ", ".join(map(self._languages, gap["languages"]))
        seeds = f"seed{'s' if len(gap['seeds']) > 1 else ''} {', '.join(map(str, gap['seeds']))}"
        return f"{architecture_name(gap['model'])}, {regime}: {languages} ({seeds})"

    def _languages(self, label: str) -> str:
        """The languages of one run, from the name of its record: one, with the sentences it learns from, or a group."""
        together, _, sentences = label.partition("-")
        codes = together.split("+")
        if len(codes) == 1:
            return language_name(label.partition("-")[0]) + (f" ({sentences} sentences)" if sentences else "")
        fitting = [group for group in self.groups.values() if set(codes) <= set(group.languages)]
        if fitting:
            return group_name(min(fitting, key=lambda group: len(group.languages)).name)
        return " ".join(map(language_name, codes))

    def _whole_runs(self) -> list[dict[str, Any]]:
        """Less those of the learning curves, on parts of the training sets."""
        sizes = {code: corpus["sentences"]["train"] for code, corpus in self.corpora.items()}
        return [
            each for each in self.runs if all(sizes.get(code) == count for code, count in each["sentences"].items())
        ]


def results_folder() -> Path:
    """Where recorded results are, a folder each."""
    return book_folder() / "results"


def all_recorded(folder: Path | None = None) -> list[Recorded]:
    """All recorded results below `folder` (default: the book's), by name."""
    root = folder or results_folder()
    return [Recorded(path.parent) for path in sorted(root.glob("*/about.json"))]


def recorded(name: str, folder: Path | None = None) -> Recorded:
    """The recorded results of that name, or in the folder of that path. Raises StoreError where there are none."""
    known = {each.name: each for each in all_recorded(folder)}
    if name in known:
        return known[name]
    if (Path(name) / "about.json").is_file():
        return Recorded(Path(name).resolve())
    there = f"there are {', '.join(known)}" if known else "there are none"
    raise StoreError(f"no recorded results {name!r} in {folder or results_folder()}: {there}")


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise StoreError(f"{path}: damaged: {error}") from None


def ended_by_limit(each: Mapping[str, Any]) -> bool:
    """Whether the limit of epochs ended a run before its patience was used up."""
    if "ended" in each:
        return each["ended"] == "limit"
    training = each["spec"]["training"]
    return each["best_epoch"] + training["patience"] > training["max_epochs"]


def _version(each: Mapping[str, Any]) -> str:
    """Of the code that trained a run: of its training, or in older records a hash of its source."""
    return each["spec"].get("version") or each["spec"]["code"]


def _machine(environment: Mapping[str, Any]) -> str:
    threads = environment.get("threads", 1)
    with_threads = f"{threads} thread{'' if threads == 1 else 's'} of {environment.get('cores', '?')} cores"
    return f"{environment['device']}, {with_threads}, torch {environment['torch']}"


def _counted(values: Counter[str]) -> str:
    if len(values) == 1:
        return next(iter(values))
    return "; ".join(f"{value}: {count} runs" for value, count in values.most_common())
