"""Taggers are saved, pushed to a hub and loaded by huggingface_hub's own methods, with the one configuration."""

from __future__ import annotations

import base64
import json

import pytest
import safetensors.torch
from huggingface_hub import constants, snapshot_download

from polyner.models import load_tagger
from tests.conftest import built, small_corpus
from tests.corpora.sources.servers import COMMIT, serving

CORPUS = {"eng": small_corpus().train}
WORDS = [sentence.words for sentence in small_corpus().test]
SIZES = {
    "byte-crf": {"embedding_size": 4, "unit_hidden_size": 4, "sentence_hidden_size": 4},
    "char-crf": {"embedding_size": 4, "unit_hidden_size": 4, "sentence_hidden_size": 4},
    "charner": {"embedding_size": 4, "hidden_size": 4},
    "byte-to-span": {"embedding_size": 4, "hidden_size": 4},
}


class Hub:
    """Takes the files of a repository in a commit, and gives them out again."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def receive(self, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        answer: dict = {"errors": [], "warnings": []}
        if path == "/api/repos/create":
            answer = {"url": f"{constants.ENDPOINT}/some/tagger", "name": "some/tagger"}
        elif "/preupload/" in path:
            given = json.loads(body)["files"]
            answer = {
                "files": [{"path": file["path"], "uploadMode": "regular", "shouldIgnore": False} for file in given]
            }
        elif "/commit/" in path:
            lines = [json.loads(line) for line in body.splitlines()]
            files = [line["value"] for line in lines if line["key"] == "file"]
            self.files = {file["path"]: base64.b64decode(file["content"]) for file in files}
            answer = {"commitUrl": f"{constants.ENDPOINT}/some/tagger/commit/{COMMIT}", "commitOid": COMMIT}
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        about = None
        if "/tree/" in path:
            about = [{"type": "file", "path": name, "size": len(data), "oid": "0"} for name, data in self.files.items()]
        elif path.startswith("/api/models/"):
            about = {"id": "some/tagger", "sha": COMMIT, "siblings": [{"rfilename": name} for name in self.files]}
        if about is not None:
            return 200, {"Content-Type": "application/json"}, json.dumps(about).encode()
        data = self.files.get(path.rpartition("/")[2])
        if data is None:
            return 404, {"X-Error-Code": "EntryNotFound"}, b""
        return 200, {"ETag": f'"{hash(data)}"', "X-Repo-Commit": COMMIT}, data


@pytest.fixture
def hub(monkeypatch, tmp_path):
    made = Hub()
    with serving(made) as address:
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}"
        )
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        yield made


def small(name):
    return built(name, CORPUS, **SIZES[name]).eval()


@pytest.mark.parametrize("name", SIZES)
def test_what_is_saved_or_pushed_is_loaded_either_way(tmp_path, hub, name):
    model = small(name)
    model.save_pretrained(tmp_path / "saved", config={"ignored": True})
    model.push_to_hub("some/tagger", token="token")
    for file, data in hub.files.items():
        assert (tmp_path / "saved" / file).read_bytes() == data, file
    assert {"config.json", "model.safetensors", "README.md"} <= hub.files.keys()
    for loaded in (
        load_tagger(tmp_path / "saved"),
        type(model).from_pretrained(tmp_path / "saved"),
        type(model).from_pretrained("some/tagger"),
        load_tagger(snapshot_download("some/tagger")),
    ):
        assert (type(loaded), loaded.config, loaded.tags) == (type(model), model.config, model.tags)
        assert loaded.tag(WORDS) == model.tag(WORDS)
        loaded.save_pretrained(tmp_path / "again")
        assert (tmp_path / "again" / "config.json").read_bytes() == hub.files["config.json"]


def test_weights_that_are_missing_are_an_error(tmp_path):
    model = small("byte-crf")
    model.save_pretrained(tmp_path)
    weights = safetensors.torch.load_file(tmp_path / "model.safetensors")
    del weights["to_tags.bias"]
    safetensors.torch.save_file(weights, tmp_path / "model.safetensors")
    with pytest.raises(RuntimeError, match=r"to_tags\.bias"):
        type(model).from_pretrained(tmp_path)
