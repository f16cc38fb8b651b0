"""Training: it learns, repeats itself, stops when it should, and survives being killed."""

import multiprocessing
import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
import torch

from polyner.corpora.sentence import Sentence
from polyner.errors import PolynerError, SettingsError
from polyner.models import model_class
from polyner.training.config import TrainingConfig
from polyner.training.loop import best_epoch, half_precision, make_batches, train
from tests.conftest import small_corpus

CORPUS = small_corpus()
SMALL = {"embedding_size": 12, "unit_hidden_size": 12, "unit_layers": 1, "sentence_hidden_size": 12}
CONFIG = TrainingConfig(learning_rate=0.01, batch_size=8, max_epochs=6, min_epochs=1, patience=6)


def fresh(seed=1, **overrides):
    torch.manual_seed(seed)
    cls = model_class("byte-crf")
    return cls.build(cls.configure({**SMALL, **overrides}), {"eng": CORPUS.train})


def trained(folder, config=CONFIG, seed=1, model=None, **options):
    model = model or fresh(seed)
    return model, train(model, {"eng": CORPUS.train}, {"eng": CORPUS.dev}, config, Path(folder), seed=seed, **options)


def weights(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def scores_of(history):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in history]


def test_a_small_corpus_is_learnt(tmp_path):
    model, history = trained(tmp_path, TrainingConfig(learning_rate=0.02, batch_size=8, max_epochs=25, patience=25))
    assert max(row["dev_f1"] for row in history) > 95
    assert history[-1]["loss"] < history[0]["loss"]
    assert model.tag([s.words for s in CORPUS.test[:3]]) == [list(s.tags) for s in CORPUS.test[:3]]


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(tmp_path):
    one, first = trained(tmp_path / "a", seed=1)
    two, second = trained(tmp_path / "b", seed=1)
    three, _ = trained(tmp_path / "c", seed=2)
    assert scores_of(first) == scores_of(second)
    assert weights(one).equal(weights(two))
    assert not weights(one).equal(weights(three))


def test_training_leaves_the_callers_random_state_alone(tmp_path):
    model = fresh()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    trained(tmp_path, TrainingConfig(max_epochs=1), model=model)
    assert torch.rand(3).equal(expected)


def test_the_best_epochs_weights_are_kept(tmp_path):
    config = TrainingConfig(learning_rate=0.05, batch_size=8, max_epochs=8, patience=8)
    model, history = trained(tmp_path, config)
    stopped, _ = trained(tmp_path / "again", TrainingConfig(**{**vars(config), "max_epochs": best_epoch(history)}))
    assert weights(model).equal(weights(stopped))


@pytest.mark.parametrize(("minimum", "patience", "expected"), [(1, 2, 3), (5, 2, 5), (1, 4, 5)])
def test_early_stopping_counts_from_the_best_epoch(tmp_path, minimum, patience, expected):
    config = TrainingConfig(learning_rate=1e-12, min_epochs=minimum, patience=patience, max_epochs=20)
    knowing, _ = trained(tmp_path / "before")
    _, history = trained(tmp_path / "after", config, model=knowing)
    assert len({row["dev_f1"] for row in history}) == 1
    assert history[0]["dev_f1"] > 0
    assert len(history) == expected


def test_patience_does_not_run_out_before_the_first_entity_is_found(tmp_path):
    config = TrainingConfig(learning_rate=1e-12, min_epochs=1, patience=2, max_epochs=6)
    _, history = trained(tmp_path, config)
    assert [row["dev_f1"] for row in history] == [0.0] * 6
    assert best_epoch(history) == 6


def test_half_precision_is_what_the_device_has(tmp_path):
    cuda, processor = torch.device("cuda"), torch.device("cpu")
    bfloat16 = torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else None
    for wanted, expected in (("auto", (torch.float16, None)), ("on", (torch.float16, bfloat16)), ("off", (None, None))):
        config = TrainingConfig(mixed_precision=wanted)
        assert (half_precision(config, cuda), half_precision(config, processor)) == expected


@pytest.mark.skipif(not torch.ops.mkldnn._is_mkldnn_bf16_supported(), reason="this processor has no bfloat16")
def test_half_precision_on_a_processor_trains_as_single_precision_does(tmp_path):
    histories = [
        trained(tmp_path / wanted, TrainingConfig(**{**vars(CONFIG), "mixed_precision": wanted}))[1]
        for wanted in ("off", "on")
    ]
    losses = [[row["loss"] for row in history] for history in histories]
    assert losses[0] != losses[1]
    assert losses[1] == pytest.approx(losses[0], rel=0.1)


def test_an_interrupted_training_ends_as_an_undisturbed_one(tmp_path):
    undisturbed, history = trained(tmp_path / "a")
    trained(tmp_path / "b", TrainingConfig(**{**vars(CONFIG), "max_epochs": 3}))
    resumed, again = trained(tmp_path / "b", model=fresh(seed=9))
    assert scores_of(again) == scores_of(history)
    assert weights(resumed).equal(weights(undisturbed))


def test_a_killed_process_is_resumed_and_ends_with_the_same_metrics(tmp_path):
    from polyner.corpora.folder import write_corpus
    from polyner.study.protocol import Study
    from polyner.study.settings import Settings

    write_corpus(tmp_path / "corpora", CORPUS)
    twelve = {"learning_rate": 0.01, "batch_size": 4, "max_epochs": 12, "min_epochs": 12}

    def run(store):
        settings = Settings.load("smoke", corpora=tmp_path / "corpora", runs=tmp_path / store, training=twelve)
        return Study(settings).run("byte-crf", "monolingual", ("eng",), 1)

    undisturbed = run("a")
    child = multiprocessing.get_context("fork").Process(target=run, args=["b"])
    child.start()
    while not list((tmp_path / "b").glob(".partial/*/checkpoints/epoch-0003")):
        assert child.is_alive(), "it ended before it could be killed"
        time.sleep(0.002)
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert not [path for path in (tmp_path / "b").iterdir() if not path.name.startswith(".")]
    resumed = run("b")
    assert resumed.id == undisturbed.id
    assert resumed.metrics == undisturbed.metrics
    assert scores_of(resumed.history) == scores_of(undisturbed.history)
    weights_of = [(one.folder / "model.safetensors").read_bytes() for one in (resumed, undisturbed)]
    assert weights_of[0] == weights_of[1]


def test_the_optimizers_state_changes_what_fine_tuning_does_first(tmp_path):
    from polyner.training.checkpoints import Checkpoints

    parent, _ = trained(tmp_path / "parent")
    state = Checkpoints(tmp_path / "parent").optimizer_file(Checkpoints(tmp_path / "parent").epochs()[-1])
    short = TrainingConfig(learning_rate=0.01, max_epochs=1)
    results = []
    for name, given in (("with", state), ("without", None), ("with again", state)):
        model = fresh()
        model.load_state_dict(parent.state_dict())
        results.append(weights(trained(tmp_path / name, short, model=model, optimizer_state=given)[0]))
    assert not results[0].equal(results[1])
    assert results[0].equal(results[2])


def test_another_models_optimizer_state_is_refused(tmp_path):
    from polyner.training.checkpoints import Checkpoints

    trained(tmp_path / "parent", TrainingConfig(max_epochs=1))
    state = Checkpoints(tmp_path / "parent").optimizer_file(1)
    with pytest.raises(PolynerError, match="the optimizer's state is that of another model"):
        trained(tmp_path / "child", model=fresh(sentence_hidden_size=5), optimizer_state=state)


def test_sgd_with_momentum_and_clipping_trains_too(tmp_path):
    config = TrainingConfig("sgd", learning_rate=0.05, momentum=0.9, clip_norm=1.0, max_epochs=2)
    _, history = trained(tmp_path, config)
    assert history[1]["loss"] < history[0]["loss"]


def test_a_loss_that_is_no_number_stops_the_training(tmp_path):
    with pytest.raises(ArithmeticError, match="smaller learning rate"):
        trained(tmp_path, TrainingConfig("sgd", learning_rate=1e38))


def test_an_epoch_shows_every_example_once_in_batches_of_similar_length():
    lengths = torch.randint(1, 60, (500,))
    batches = make_batches(lengths, ["eng"] * 500, TrainingConfig(batch_size=16))
    assert sorted(torch.cat(batches).tolist()) == list(range(500))
    padding = sum(int(lengths[b].max()) * len(b) for b in batches) / int(lengths.sum())
    assert padding < 1.15


@pytest.mark.parametrize(("exponent", "share"), [(1.0, 0.9), (0.0, 0.5), (0.5, 0.75)])
def test_sampling_gives_each_language_its_share(exponent, share):
    languages = ["eng"] * 9000 + ["swa"] * 1000
    torch.manual_seed(0)
    batches = make_batches(torch.ones(10_000), languages, TrainingConfig(sampling_exponent=exponent))
    shown = Counter(languages[i] for i in torch.cat(batches).tolist())
    assert sum(shown.values()) == 10_000
    assert shown["eng"] / 10_000 == pytest.approx(share, abs=0.02)


def test_a_language_with_fewer_sentences_than_a_batch_trains(tmp_path):
    model = fresh()
    few = {"eng": (Sentence(("Anna",), ("B-PER",)),)}
    history = train(model, few, few, TrainingConfig(max_epochs=1), tmp_path, seed=1)
    assert len(history) == 1


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"learning_rat": 1}, "unknown training setting 'learning_rat'"),
        ({"optimizer": "lion"}, "optimizer is 'adam' or 'sgd', not 'lion'"),
        ({"batch_size": 0}, "batch_size is a whole number of at least 1"),
        ({"learning_rate": 0}, "learning_rate is positive"),
        ({"mixed_precision": "half"}, "mixed_precision is"),
        ({"clip_norm": 0}, "clip_norm is positive or None"),
        ({"momentum": 1.0}, "momentum is at least 0 and less than 1"),
    ],
)
def test_impossible_settings_are_named(overrides, message):
    with pytest.raises(SettingsError, match=message):
        TrainingConfig.of(overrides)


@pytest.mark.gpu
def test_training_on_a_gpu_learns(tmp_path):
    config = TrainingConfig(learning_rate=0.02, batch_size=8, max_epochs=25, patience=25)
    _, history = trained(tmp_path, config, model=fresh().cuda())
    assert max(row["dev_f1"] for row in history) > 90


@pytest.mark.gpu
def test_a_run_interrupted_on_a_gpu_goes_on(tmp_path):
    trained(tmp_path, TrainingConfig(**{**vars(CONFIG), "max_epochs": 2}), model=fresh().cuda())
    _, history = trained(tmp_path, CONFIG, model=fresh(seed=3).cuda())
    assert [row["epoch"] for row in history] == [1, 2, 3, 4, 5, 6]
