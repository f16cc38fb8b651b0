"""Interrupted and killed trainings go on, and end as if nothing had happened."""

import json
import multiprocessing
import os
import signal
import time

import pytest
import torch

from polyner.errors import PolynerError
from polyner.training.checkpoints import Checkpoints
from polyner.training.config import TrainingConfig
from tests.training.small import CONFIG, CORPUS, fresh, scores_of, trained, under, weights


@pytest.mark.parametrize(
    "objective",
    [{"name": "l2sp", "strength": 0.1}, {"name": "ewc", "strength": 10.0}, {"name": "pcgrad"}, {"name": "mgda"}],
    ids=lambda objective: objective["name"],
)
def test_an_interrupted_training_ends_as_an_undisturbed_one_under_every_objective(tmp_path, objective, monkeypatch):
    undisturbed, history = under(objective, tmp_path / "a")
    under(objective, tmp_path / "b", TrainingConfig(**{**vars(CONFIG), "max_epochs": 1}))
    resumed, again = under(objective, tmp_path / "b")
    assert scores_of(again) == scores_of(history)
    assert weights(resumed).equal(weights(undisturbed))


@pytest.mark.parametrize("objective", ["plain", "l2sp", "ewc", "pcgrad", "mgda"])
def test_scaled_gradients_train_as_others_do_and_their_scale_goes_on_after_an_interruption(
    tmp_path, objective, monkeypatch
):
    """With the scaler of processors in the place of CUDA's; its scale doubles after seven updates."""
    clipped = TrainingConfig(**{**vars(CONFIG), "max_epochs": 2, "clip_norm": 1.0})
    _, unscaled = under({"name": objective}, tmp_path / "unscaled", clipped)
    scaler = {"device": "cpu", "init_scale": 1024.0, "growth_interval": 7}
    scaled = classmethod(lambda cls, config, device: cls(None, torch.amp.GradScaler(**scaler)))
    monkeypatch.setattr("polyner.training.precision.Precision.of", scaled)
    _, history = under({"name": objective}, tmp_path / "a", clipped)
    assert [row["loss"] for row in history] == pytest.approx([row["loss"] for row in unscaled], rel=1e-4)
    under({"name": objective}, tmp_path / "b", TrainingConfig(**{**vars(clipped), "max_epochs": 1}))
    _, resumed = under({"name": objective}, tmp_path / "b", clipped)
    assert scores_of(resumed) == scores_of(history)
    states = [(tmp_path / run / "epoch-0002" / "scaler.json").read_text() for run in "ab"]
    assert states[0] == states[1]
    assert json.loads(states[0])["scale"] == 1024.0 * 2 ** (history[-1]["updates"] // 7)


def test_the_scale_of_the_gradients_is_part_of_a_checkpoint(tmp_path):
    model = fresh()
    optimizer = torch.optim.AdamW(model.parameters())
    scaler = torch.amp.GradScaler("cpu", init_scale=4096.0, growth_interval=3)
    for _ in range(4):
        scaler.scale(sum(parameter.sum() for parameter in model.parameters())).backward()
        scaler.step(optimizer)
        scaler.update()
    Checkpoints(tmp_path).save(model, optimizer, [{"epoch": 1}], 1, scaler)
    resumed = torch.amp.GradScaler("cpu")
    other = fresh()
    Checkpoints(tmp_path).resume(other, torch.optim.AdamW(other.parameters()), resumed)
    assert resumed.state_dict() == scaler.state_dict()
    assert (scaler.get_scale(), scaler.state_dict()["_growth_tracker"]) == (8192.0, 1)


def test_an_interrupted_training_ends_as_an_undisturbed_one(tmp_path):
    undisturbed, history = trained(tmp_path / "a")
    trained(tmp_path / "b", TrainingConfig(**{**vars(CONFIG), "max_epochs": 3}))
    resumed, again = trained(tmp_path / "b", model=fresh(seed=9))
    assert scores_of(again) == scores_of(history)
    assert weights(resumed).equal(weights(undisturbed))


def test_a_training_killed_while_an_old_epoch_is_removed_goes_on_from_the_newest(tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(folder, ignore_errors=False):
        if folder.exists():
            (folder / "model.safetensors").unlink()
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("polyner.training.checkpoints.shutil.rmtree", killed)
        with pytest.raises(Killed):
            trained(tmp_path)
    newest = Checkpoints(tmp_path).epochs()[-1]
    again = fresh()
    optimizer = torch.optim.AdamW(again.parameters())
    assert len(Checkpoints(tmp_path).resume(again, optimizer, torch.amp.GradScaler("cpu"))) == newest > 1


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
    trained(tmp_path / "parent", TrainingConfig(max_epochs=1))
    state = Checkpoints(tmp_path / "parent").optimizer_file(1)
    with pytest.raises(PolynerError, match="the optimizer's state is that of another model"):
        trained(tmp_path / "child", model=fresh(sentence_hidden_size=5), optimizer_state=state)


@pytest.mark.gpu
def test_a_run_interrupted_on_a_gpu_goes_on(tmp_path):
    trained(tmp_path, TrainingConfig(**{**vars(CONFIG), "max_epochs": 2}), model=fresh().cuda())
    _, history = trained(tmp_path, CONFIG, model=fresh(seed=3).cuda())
    assert [row["epoch"] for row in history] == [1, 2, 3, 4, 5, 6]
