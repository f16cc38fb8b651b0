"""Where findings come from, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import pandas as pd

from polyner.corpora.languages import language_name
from polyner.findings.findings import Findings
from polyner.findings.runs import ratios
from polyner.names import REGIME_NAMES, architecture_name, group_name, variant_name


def provenance(findings: Findings) -> dict[str, str]:
    """What findings rest on, in words: corpora, profile, settings of each model, runs, how they ended, code, machines
    and time."""
    settings, corpora, own_settings = findings.about["settings"], findings.corpora, findings.tables["settings"]
    caps = {"training": settings["max_train_sentences"], "dev and test": settings["max_eval_sentences"]}
    machines = Counter(_machine(each["environment"]) for each in findings.runs)
    versions = Counter(f"{each['environment']['polyner']} ({each['spec']['version']})" for each in findings.runs)
    ended = sorted(each["environment"]["finished"][:10] for each in findings.runs)
    return {
        "Corpora": f"{findings.about['corpora']}, {len(corpora)} languages",
        "From": "; ".join(findings.about.get("corpora_from", ())),
        "Profile": settings["profile"],
        "At most": ", ".join(f"{cap:,} {what} sentences" for what, cap in caps.items() if cap),
        "Seeds": _seeds(findings),
        **{architecture_name(model): _settings(own) for model, own in own_settings.groupby("model", sort=False)},
        "Runs": f"{len(findings.runs)}, of {ended[0]} to {ended[-1]}" if ended else "none",
        "Ended by the limit of epochs": f"{sum(each['ended'] == 'limit' for each in findings.runs)} of them",
        "Code": _counted(versions),
        "Machines": _counted(machines),
        "Training took": f"{sum(each['environment']['training_seconds'] for each in findings.runs) / 3600:.1f} hours",
        "Not run": "; ".join(_gap(findings, gap) for gap in findings.about["not_run"]),
        "Cannot be run": "; ".join(f"{model}: {why}" for model, why in findings.about["models_not_run"].items()),
    }


def run_table(findings: Findings) -> pd.DataFrame:
    """A row a run: model, regime, variant, trained_on (languages), seed, run, dev_f1, test_f1 (means over these),
    epochs, ended, seconds, machine, code, finished."""
    columns = ["model", "regime", "variant", "trained_on", "seed", "run", "dev_f1", "test_f1", "epochs", "ended"]
    rows = []
    for each in findings.runs:
        environment, spec, sentences = each["environment"], each["spec"], each["sentences"]
        cut = [count for code, count in sentences.items() if findings.training_sizes.get(code) != count]
        variant = variant_name(each["asks"][0]["variant"] if each["asks"] else "")
        trained_on = _languages(findings, spec["languages"], cut[0] if cut else None)
        f1 = ([ratios(each["scores"][code][split])["f1"] for code in sentences] for split in ("dev", "test"))
        what = (spec["model"], spec["regime"], variant, trained_on, spec["seed"], each["run"], *map(fmean, f1))
        ended = (len(each["history"]), each["ended"], environment["training_seconds"])
        rows.append((*what, *ended, _machine(environment), spec["version"], environment["finished"][:10]))
    return pd.DataFrame(rows, columns=[*columns, "seconds", "machine", "code", "finished"])


def _seeds(findings: Findings) -> str:
    """The seeds of the runs, and those that are planned where these are more."""
    known, planned = sorted({each["spec"]["seed"] for each in findings.runs}), findings.about["settings"]["seeds"]
    told = ", ".join(map(str, known)) or "none"
    return told if set(planned) <= set(known) else f"{told} (planned: {', '.join(map(str, planned))})"


# What is said of a model also where it is the default.
ALWAYS = ("optimizer", "learning_rate", "batch_size", "patience", "max_epochs")


def _settings(table: pd.DataFrame) -> str:
    told = table[table["setting"].isin(ALWAYS) | (table["value"].astype(str) != table["default"].astype(str))]
    return ", ".join(f"{row.setting} {row.value}" for row in told.itertuples())


def _gap(findings: Findings, gap: Mapping[str, Any]) -> str:
    """Runs that are missing, in words: "Byte CRF, polyglot (own transitions): CoNLL, LORELEI (seeds 2, 3)"."""
    variant = variant_name(gap["variant"])
    regime = REGIME_NAMES[gap["regime"]] + (f" ({variant})" if variant else "")
    languages = ", ".join(_languages(findings, codes, gap["sentences"]) for codes in gap["languages"])
    seeds = f"seed{'s' if len(gap['seeds']) > 1 else ''} {', '.join(map(str, gap['seeds']))}"
    return f"{architecture_name(gap['model'])}, {regime}: {languages} ({seeds})"


def _languages(findings: Findings, codes: Sequence[str], sentences: int | None) -> str:
    """The languages of a run: one, with the sentences it learns from where these are not all, or a group."""
    if len(codes) == 1:
        return language_name(codes[0]) + (f" ({sentences} sentences)" if sentences else "")
    if fitting := [group for group in findings.settings_groups.values() if set(codes) <= set(group.languages)]:
        return group_name(min(fitting, key=lambda group: len(group.languages)).name)
    return " ".join(map(language_name, codes))


def _machine(environment: Mapping[str, Any]) -> str:
    threads = environment["threads"]
    with_threads = f"{threads} thread{'' if threads == 1 else 's'} of {environment['cores']} cores"
    return f"{environment['device']}, {with_threads}, torch {environment['torch']}"


def _counted(values: Counter[str]) -> str:
    if len(values) == 1:
        return next(iter(values))
    return "; ".join(f"{value}: {count} runs" for value, count in values.most_common())
