"""The benchmarks run, and two records are compared rightly. Nothing here looks at how long anything took."""

import json
import sys
from functools import partial

import pytest
import torch

from benchmarks import compare as comparing
from benchmarks import gpu, others, sweeping, training
from benchmarks.__main__ import plan
from benchmarks.measure import OURS, compare, machine, threads

SMALL = {"embedding_size": 8, "unit_hidden_size": 8, "sentence_hidden_size": 8}


def row(way, amount, ratio=None, spread=0.02):
    low, high = (amount * (1 - spread), amount * (1 + spread))
    ratios = (
        dict.fromkeys(("ratio", "ratio_low", "ratio_high"))
        if ratio is None
        else {"ratio": ratio, "ratio_low": ratio * (1 - spread), "ratio_high": ratio * (1 + spread)}
    )
    figures = {"amount": amount, "unit": "s", "low": low, "high": high}
    return {"quantity": "a step", "way": way, "threads": 1, **figures, **ratios}


def record(*rows, kind="x"):
    return {"machine": {"class": kind}, "measured": list(rows)}


def test_ratios_are_taken_within_a_turn_and_scaled():
    calls = []
    ways = {OURS: partial(calls.append, "ours"), "plain": partial(calls.append, "plain")}
    with threads(2):
        ours, plain = compare("q", ways, 3, {"plain": 1000.0})
    assert calls == ["ours", *["ours", "plain"] * 3]
    assert ours.ratio is None
    assert plain.ratio > 10  # both do next to nothing, and one counts a thousandfold
    assert plain.ratio_low <= plain.ratio <= plain.ratio_high
    assert (ours.threads, torch.get_num_threads()) == (2, 1)


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("byte-crf", SMALL),
        ("charner", {"embedding_size": 8, "hidden_size": 8, "layers": 2}),
        ("byte-to-span", {"embedding_size": 8, "hidden_size": 8, "layers": 1, "stride": 9}),
    ],
)
def test_training_steps_of_every_architecture_are_measured(name, sizes):
    ways = [row.way for row in training.training_steps(name, "dutch", 4, 1, **sizes)]
    assert ways[0] == OURS
    assert {"padded", "packed"} <= set(ways) or "cell by cell" in ways


def test_a_peer_in_another_process_tells_its_own_seconds(tmp_path):
    peer = tmp_path / "python"
    peer.write_text(f"#!{sys.executable}\nimport json, sys\nprint(len(json.load(sys.stdin)), 'read')\nprint(1000.0)\n")
    peer.chmod(0o755)
    ways = {OURS: list, "Flair": partial(training.flair, str(peer), "tag", others.made_up("dutch", 3))}
    _, theirs = compare("q", ways, 1, {"Flair": 2.0})
    assert theirs.amount == 2000.0


def test_steps_on_a_device_are_measured_in_both_precisions():
    rows = gpu.steps("byte-crf", torch.device("cpu"), batch=4, repeats=1, **SMALL)
    assert [row.way for row in rows] == [OURS, f"{OURS}, half precision"]


@pytest.mark.slow
def test_a_sweep_of_several_processes_is_measured_against_one():
    several, one = sweeping.sweeps(repeats=1, epochs=1, cores=2)
    assert several.way == OURS
    assert one.ratio is not None


def test_operations_are_counted_by_hand():
    model = training.build("byte-crf", others.made_up("dutch", 3), unit_layers=1, **SMALL)
    encoded = model.encode(others.made_up("dutch", 3), ["spa"] * 3, training=True)
    batch = encoded.batch(torch.arange(3))
    letters = sum(len(word.encode()) for word in {w for s in others.made_up("dutch", 3) for w in s.words})
    words = sum(len(s.words) for s in others.made_up("dutch", 3))
    # Two directions, 4 gates of 8 units, each of 8 inputs (16 in the sentence) and 8 states; 2 for multiply and add.
    assert training.recurrent_operations(model, batch) == 2 * 2 * 4 * 8 * (letters * (8 + 8) + words * (16 + 8))


def test_the_crf_and_scoring_are_measured():
    rows = [*others.crf(sentences=4, length=5, tags=3, repeats=1), *others.scoring(sentences=5, repeats=1)]
    assert all(row.ratio > 0 for row in rows if row.way != OURS)


def test_reading_pruning_and_fisher_information_are_measured():
    small = [others.reading(sentences=5, repeats=1), others.pruning(sentences=3, repeats=1), others.fisher(sentences=2)]
    rows = [row for quantity in (*small, others.linearity(sizes=(2,))) for row in quantity]
    assert {"splitting lines", "batch by batch", "literal, 1,000 draws"} < {row.way for row in rows}


def test_every_quantity_has_a_name_to_choose_it_by():
    assert {name for name, _, _ in plan(full=True, repeats=1)} >= {name for name, _, _ in plan(full=False, repeats=1)}
    assert {"class", "processor", "versions"} <= machine().keys()


def test_a_record_is_compared_by_its_ratios_and_on_one_machine_by_times():
    old = record(row(OURS, 1.0), row("packed", 3.0, 3.0))
    slow = record(row(OURS, 2.0), row("packed", 3.0, 1.5))
    assert [found[0] for found in comparing.changes(old, slow)] == ["slower", "slower"]
    assert [found[0] for found in comparing.changes(slow, old)] == ["faster", "faster"]
    assert [found[0] for found in comparing.changes(old, record(*slow["measured"], kind="y"))] == ["slower"]
    within = record(row(OURS, 1.1), row("packed", 3.0, 2.9))
    assert {found[0] for found in comparing.changes(old, within)} == {"same"}


def test_our_other_ways_are_slower_when_they_take_longer():
    half = "polyner, bfloat16"
    before, after = record(row(half, 0.5, 0.5)), record(row(half, 0.9, 0.9))
    assert [found[0] for found in comparing.changes(before, after)] == ["slower"]
    rate = {**row("rate of polyner", 100.0), "unit": "GFLOP/s"}
    lower = {**row("rate of polyner", 50.0), "unit": "GFLOP/s"}
    assert [found[0] for found in comparing.changes(record(rate), record(lower))] == ["slower"]
    assert comparing.missing(record(rate), record()) == ["a step: rate of polyner (1 threads)"]


def test_the_command_tells_by_its_exit_code(tmp_path, capsys):
    for name, ratio in (("old", 3.0), ("new", 1.5)):
        (tmp_path / name).write_text(json.dumps(record(row("packed", 3.0, ratio))))
    assert comparing.main([str(tmp_path / "old"), str(tmp_path / "new")]) == 1
    assert "slower" in capsys.readouterr().out
    assert comparing.main([str(tmp_path / "old"), str(tmp_path / "old")]) == 0
    (tmp_path / "empty").write_text(json.dumps(record()))
    assert comparing.main([str(tmp_path / "old"), str(tmp_path / "empty")]) == 2
    (tmp_path / "broken").write_text("[]")
    assert comparing.main([str(tmp_path / "old"), str(tmp_path / "broken")]) == 2
