"""`polyner export`: a trained tagger as files for other programs."""

import json

import onnx


def test_a_run_becomes_a_model_and_what_its_crf_needs(polyner, trained, tmp_path):
    answer = polyner("export", trained.id, "--onnx", tmp_path / "out", "--runs", trained.store)
    assert (answer.code, answer.err) == (0, "")
    assert [line.split(" ")[0].rpartition("/")[2] for line in answer.out.splitlines()] == ["model.onnx", "model.json"]
    model = onnx.load(tmp_path / "out" / "model.onnx")
    assert [entry.name for entry in model.graph.input] == ["units", "lengths"]
    about = json.loads((tmp_path / "out" / "model.json").read_text(encoding="utf-8"))
    assert about["tags"][0] == "O"


def test_json_has_size_and_checksum(polyner, trained, tmp_path):
    answer = polyner("export", trained.id, "--onnx", tmp_path, "--runs", trained.store, "--json")
    told = json.loads(answer.out)
    assert told["size"] == (tmp_path / "model.onnx").stat().st_size
    assert len(told["sha256"]) == 64


def test_a_run_that_is_not_there_is_one_line(polyner, trained, tmp_path):
    answer = polyner("export", "nosuchrun", "--onnx", tmp_path, "--runs", trained.store)
    assert answer.code == 2
    assert "no run" in answer.err
