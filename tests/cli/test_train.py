"""`polyner train`, `evaluate` and `runs`, on corpora learnt in seconds."""

from __future__ import annotations

import json

import pytest

from polyner.corpora.folder import read_corpora, write_corpus
from polyner.runs import RunStore
from polyner.study.settings import Settings

SMOKE = ("train", "--profile", "smoke", "--device", "cpu")


def test_a_run_is_trained_once_and_told_in_json(polyner, trained):
    answer = polyner(*trained.arguments, "--json")
    assert (answer.code, answer.err) == (0, "")
    told = json.loads(answer.out)
    run = RunStore(trained.store).find(trained.id)
    assert (told["run"], told["folder"], told["found"]) == (run.id, str(run.folder), True)
    assert (told["model"], told["regime"], told["languages"], told["seed"]) == ("byte-crf", "monolingual", ["eng"], 1)
    assert told["test_f1"] == run.metrics["languages"]["eng"]["test"]["f1"] > 50
    assert [row["epoch"] for row in told["history"]] == list(range(1, told["epochs"] + 1))
    assert max(row["dev_f1"] for row in told["history"]) == told["dev_f1"]
    text = polyner(*trained.arguments).out
    assert "found in the run store" in text
    assert f"{told['test_f1']:.2f}" in text


def test_the_papers_sizes_are_the_default(polyner, corpora, monkeypatch):
    asked = {}

    def look_up(store, spec):
        asked.update(spec.as_dict())
        raise KeyboardInterrupt

    monkeypatch.setattr(RunStore, "look_up", look_up)
    assert polyner("train", "--language", "spa", "--corpora", corpora).code == 130
    assert not {"config", "training", "objective"} & asked.keys()  # nothing differs from the defaults
    assert (asked["model"], asked["languages"], asked["seed"]) == ("byte-crf", ["spa"], 1)


def test_the_sample_is_learnt_with_small_models_unless_told_otherwise(polyner, monkeypatch):
    asked = {}

    def look_up(store, spec):
        asked.clear()
        asked.update(spec.as_dict())
        raise KeyboardInterrupt

    monkeypatch.setattr(RunStore, "look_up", look_up)
    assert polyner("train", "--language", "spa").code == 130
    quick = Settings.load("quick")
    assert asked["config"]["embedding_size"] == quick.architecture["byte-crf"]["embedding_size"]
    assert asked["training"]["max_epochs"] == quick.training["max_epochs"]
    assert polyner("train", "--language", "spa", "--profile", "paper").code == 130
    assert "config" not in asked


def test_settings_are_set_on_top_of_the_profile(polyner, corpora):
    arguments = [*SMOKE, "--language", "eng", "--corpora", corpora, "--max-epochs", 1, "--max-train-sentences", 8]
    arguments += ["--set", "training.learning_rate=5e-3", "--set", "architecture.sentence_hidden_size=4"]
    arguments += ["--set", "types={LOC: null}", "--seed", 7, "--model", "char-crf"]
    run = RunStore().find(json.loads(polyner(*arguments, "--json").out)["run"])
    assert run.spec["training"]["learning_rate"] == 0.005
    assert run.spec["training"]["batch_size"] == 16  # the profile's
    assert run.spec["config"]["sentence_hidden_size"] == 4
    assert run.spec["config"]["unit_hidden_size"] == 8
    assert (run.spec["seed"], run.spec["model"]) == (7, "char-crf")
    assert run.metrics["languages"]["eng"]["test"]["by_type"].keys() == {"PER"}


def test_a_polyglot_run_is_that_of_a_group_or_of_the_languages_named(polyner, corpora):
    common = [*SMOKE, "--regime", "polyglot", "--corpora", corpora, "--max-epochs", 1, "--json"]
    by_name = json.loads(polyner(*common, "--language", "spa", "--language", "eng").out)
    assert by_name["languages"] == ["eng", "spa"]
    assert by_name["scores"].keys() == {"eng", "spa"}
    assert not by_name["found"]
    assert by_name["test_f1"] == pytest.approx(sum(s["test"]["f1"] for s in by_name["scores"].values()) / 2)
    by_group = polyner(*common, "--group", "conll", "--profile", "paper", "--max-train-sentences", 4, "--seed", -1)
    assert by_group.err == "error: seeds: [-1] was given; it should be greater than or equal to 0\n"
    by_group = json.loads(polyner(*common, "--group", "conll").out)
    assert (by_group["run"], by_group["found"]) == (by_name["run"], True)


def test_a_fine_tuned_run_brings_its_polyglot_parent(polyner, corpora):
    common = [*SMOKE, "--corpora", corpora, "--max-epochs", 1, "--json"]
    tuned = json.loads(polyner(*common, "--regime", "fine-tuned", "--language", "spa").out)
    assert (tuned["regime"], tuned["languages"]) == ("fine_tuned", ["spa"])
    assert tuned["parent"].startswith("byte-crf-polyglot-eng+spa-s1-")
    polyglot = json.loads(polyner(*common, "--regime", "polyglot", "--group", "conll").out)
    assert (polyglot["run"], polyglot["found"]) == (tuned["parent"], True)
    reset = [*common, "--regime", "fine_tuned", "--language", "spa", "--variant", "reset-optimizer"]
    again = json.loads(polyner(*reset).out)
    assert again["parent"] == tuned["parent"]
    assert again["run"] != tuned["run"]


def test_a_group_that_is_not_whole_is_noted(polyner, corpora, tmp_path):
    profile = tmp_path / "tiny.yml"
    profile.write_text("training: {max_epochs: 1, min_epochs: 1}\narchitecture: {byte-crf: {unit_hidden_size: 4}}\n")
    arguments = ["train", "--profile", profile, "--regime", "polyglot", "--group", "conll", "--corpora", corpora]
    arguments += ["--set", "architecture.embedding_size=4", "--set", "architecture.sentence_hidden_size=4"]
    answer = polyner(*arguments)
    assert answer.code == 0
    assert answer.err == "note: not at hand, so left out of the polyglot run: deu, nld\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "a monolingual run takes one --language"),
        (["-l", "eng,spa"], "a monolingual run takes one --language"),
        (
            ["-l", "eng", "--regime", "zero-shot"],
            "unknown regime 'zero-shot': one of monolingual, polyglot, fine-tuned",
        ),
        (["--regime", "finetuned"], "unknown regime 'finetuned': did you mean 'fine-tuned'?"),
        (
            ["-l", "eng", "--variant", "none"],
            "unknown variant 'none': one of language_transitions, reset_optimizer, more_dropout, weight_decay",
        ),
        (["--model", "foo"], "unknown model 'foo': one of char-crf, byte-crf, charner, byte-to-span, mbert-crf"),
        (["--regime", "polyglot"], "a polyglot run takes --group, or --language for each of its languages"),
        (["--regime", "polyglot", "-l", "eng"], "a polyglot run has at least two languages"),
        (["--regime", "polyglot", "--group", "lorelei"], "no folder named amh or swa; it has eng, spa"),
        (["--regime", "fine-tuned"], "a fine-tuned run takes one --language"),
        (
            ["--regime", "fine-tuned", "-l", "swa", "--group", "conll"],
            "swa is not in a group 'conll'",
        ),
        (["--regime", "fine-tuned", "-l", "deu"], "the languages of profile 'smoke' leave out deu"),
        (["-l", "deu"], "no folder named deu; it has eng, spa"),
        (
            ["-l", "eng", "--set", "training.learning_rate=fast"],
            "learning_rate: 'fast' was given; it should be a valid number",
        ),
        (
            ["-l", "eng", "--set", "training.batch_size=1.5"],
            "batch_size: 1.5 was given; it should be a valid integer",
        ),
        (["-l", "eng", "--set", "training.speed=1"], "training.byte-crf: unknown setting 'speed': one of optimizer"),
        (["-l", "eng", "--set", "architecture.depth=1"], "byte-crf: unknown setting 'depth'"),
        (["-l", "eng", "--set", "depth=1"], "--set depth: one of training.NAME, architecture.NAME, types"),
        (["-l", "eng", "--set", "depth"], "--set takes a name and a value, not 'depth'"),
        (["-l", "eng", "--set", "types={"], "'{' is not YAML"),
        (["-l", "eng", "--model", "lstm"], "unknown model 'lstm': one of"),
        (["-l", "eng", "--variant", "odd"], "unknown variant 'odd'"),
        (["-l", "eng", "--profile", "odd"], "unknown profile 'odd'"),
        (["-l", "eng", "--device", "abacus"], "device 'abacus' cannot be used"),
    ],
)
def test_what_does_not_fit_is_an_error(polyner, corpora, arguments, message):
    answer = polyner(*SMOKE, "--corpora", corpora, *arguments)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert message in answer.err


def test_one_language_is_no_group(polyner, corpora, tmp_path):
    write_corpus(tmp_path, read_corpora(corpora)["eng"])
    message = f"error: {tmp_path}: fewer than two languages of eng, spa, so no polyglot run\n"
    assert polyner(*SMOKE, "--corpora", tmp_path, "--regime", "polyglot", "--group", "conll").err == message
    message = "error: no polyglot model to fine-tune eng from: it needs two languages of a group\n"
    assert polyner(*SMOKE, "--corpora", tmp_path, "--regime", "fine-tuned", "-l", "eng").err.endswith(message)


def test_evaluate_gives_the_scores_that_training_gave(polyner, trained, corpora, tmp_path):
    run = RunStore(trained.store).find(trained.id)
    common = ["--corpora", corpora, "--runs", trained.store]
    told = json.loads(polyner("evaluate", "byte-crf-mono", *common, "--split", "dev", "--split", "test", "--json").out)
    assert told["languages"] == run.metrics["languages"]
    answer = polyner("evaluate", run.folder, *common, "-l", "eng,spa", "--predictions", tmp_path / "p")
    assert [line.split()[:2] for line in answer.out.splitlines()[2:]] == [["eng", "test"], ["spa", "test"]]
    written = (tmp_path / "p" / "eng.test.conll").read_text()
    assert written == (run.folder / "predictions" / "eng.test.conll").read_text()


def test_evaluate_says_what_is_missing(polyner, trained, corpora, tmp_path):
    common = ["--runs", trained.store, "--corpora", corpora]
    assert "no run in" in polyner("evaluate", "nothing", *common).err
    assert "no saved tagger" in polyner("evaluate", tmp_path, *common).err
    assert "no corpus of deu" in polyner("evaluate", trained.id, *common, "-l", "eng,deu").err
    assert "unknown split 'all'" in polyner("evaluate", trained.id, *common, "--split", "all").err


def test_types_that_the_tagger_does_not_have_are_noted(polyner, trained, tmp_path):
    (tmp_path / "eng").mkdir()
    for split in ("train", "dev", "test"):
        (tmp_path / "eng" / f"{split}.conll").write_text("Anna B-PER\nspeaks O\nDutch B-MISC\n")
    answer = polyner("evaluate", trained.id, "--runs", trained.store, "--corpora", tmp_path)
    assert (answer.code, answer.err) == (
        0,
        "note: eng has entities of type MISC, which this tagger never predicts\n",
    )


def test_runs_are_listed_and_shown(polyner, trained):
    (row,) = json.loads(polyner("runs", "list", "--runs", trained.store, "--json").out)
    assert (row["run"], row["problem"]) == (trained.id, None)
    assert trained.id in polyner("runs", "list", "--runs", trained.store).out
    shown = json.loads(polyner("runs", "show", trained.id[-6:], "--runs", trained.store, "--json").out)
    assert shown["spec"]["training"]["max_epochs"] == 15
    assert shown["metrics"]["languages"]["eng"]["test"]["f1"] == row["test_f1"]
    text = polyner("runs", "show", trained.id, "--runs", trained.store).out
    assert "training.max_epochs" in text
    assert f"{row['test_f1']:.2f}" in text


def test_runs_of_one_name_are_told_apart_and_can_be_chosen(polyner, corpora, tmp_path):
    store = ["--runs", tmp_path / "store"]
    common = [*SMOKE, *store, "--corpora", corpora, "--max-epochs", 1]
    plain = json.loads(polyner(*common, "-l", "eng", "--json").out)["run"]
    harder = json.loads(polyner(*common, "-l", "eng", "--variant", "more-dropout", "--json").out)["run"]
    fewer = json.loads(polyner(*common, "-l", "eng", "--max-train-sentences", 4, "--json").out)["run"]
    polyner(*common, "--regime", "polyglot", "-l", "eng,spa")
    rows = {row["run"]: row for row in json.loads(polyner("runs", "list", *store, "--json").out)}
    assert len(rows) == 4
    assert "dropout=0.5" in rows[harder]["differs"]
    assert "dropout=default" in rows[plain]["differs"]
    assert rows[fewer]["differs"].split("corpora.eng=")[1] != rows[plain]["differs"].split("corpora.eng=")[1]
    (polyglot,) = rows.keys() - {plain, harder, fewer}
    assert rows[polyglot]["differs"] == ""
    lines = polyner("runs", "list", *store).out.splitlines()
    assert any(harder in line and "dropout=0.5" in line for line in lines)
    for filters, left in (
        (["--regime", "polyglot"], {polyglot}),
        (["--regime", "monolingual", "--model", "byte-crf"], {plain, harder, fewer}),
        (["-l", "spa"], {polyglot}),
        (["--model", "charner"], set()),
    ):
        assert {row["run"] for row in json.loads(polyner("runs", "list", *store, *filters, "--json").out)} == left
    assert polyner("runs", "list", *store, "--model", "charner").out.startswith("no such runs in ")
    assert "unknown regime 'odd'" in polyner("runs", "list", *store, "--regime", "odd").err


def test_an_empty_store_and_a_damaged_run_do_not_hide_anything(polyner, tmp_path):
    store = tmp_path / "store"
    assert polyner("runs", "list", "--runs", store).out == f"no runs in {store}\n"
    assert json.loads(polyner("runs", "list", "--runs", store, "--json").out) == []
    (store / "broken").mkdir(parents=True)
    (store / "broken" / "metrics.json").write_text("{")
    answer = polyner("runs", "list", "--runs", store)
    assert answer.code == 0
    assert "run broken: metrics.json is damaged" in answer.out
    assert polyner("runs", "show", "broken", "--runs", store).code == 2


def test_runs_are_removed_only_with_consent(polyner, tmp_path):
    store = tmp_path / "store"
    for name in ("one", "two", "three"):
        (store / name).mkdir(parents=True)
        (store / name / "metrics.json").write_text("{}")
    answer = polyner("runs", "remove", "one", "--runs", store)
    assert (answer.code, answer.err) == (
        2,
        "error: there is nobody to ask whether to remove these runs: say --yes\n",
    )
    assert polyner("runs", "remove", "one", "nothing", "--yes", "--runs", store).code == 2
    assert [run.id for run in RunStore(store).list()] == ["one", "three", "two"]
    answer = polyner("runs", "remove", "one", "tw", "one", "--yes", "--runs", store)
    assert (answer.code, answer.out) == (0, "removed one\nremoved two\n")
    assert [run.id for run in RunStore(store).list()] == ["three"]


@pytest.mark.parametrize(("said", "left"), [("n", ["one"]), ("y", [])])
def test_on_a_terminal_it_asks(polyner, tmp_path, said, left):
    store = tmp_path / "store"
    (store / "one").mkdir(parents=True)
    (store / "one" / "metrics.json").write_text("{}")
    answer = polyner("runs", "remove", "one", "--runs", store, stdin=f"{said}\n", terminal=True)
    assert answer.code == (0 if said == "y" else 1)
    assert [run.id for run in RunStore(store).list()] == left


def test_a_held_out_language_is_fine_tuned_from_the_lorelei_model(polyner, corpora):
    answer = polyner(
        *SMOKE, "--corpora", "sample", "--regime", "fine-tuned", "-l", "yor", "--max-epochs", "1", "--json"
    )
    assert answer.code == 0
    run = json.loads(answer.out)
    assert run["languages"] == ["yor"]
    assert "polyglot-amh+swa" in run["parent"]
