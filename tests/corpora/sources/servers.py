"""A hub and a server of repositories on this machine, in the shapes of the real ones."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pyarrow
import pyarrow.parquet

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAMES = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]


def parquet(sentences: list[tuple[list[str], list[int] | list[str]]], names: list[str] | None = NAMES) -> bytes:
    """A file as the hub's library writes it: tokens, labels by number, and the labels' names in the metadata."""
    table = pyarrow.table({"tokens": [t for t, _ in sentences], "ner_tags": [tags for _, tags in sentences]})
    if names is not None:
        feature = {"feature": {"names": names, "_type": "ClassLabel"}, "_type": "Sequence"}
        info = json.dumps({"info": {"features": {"ner_tags": feature}}})
        table = table.replace_schema_metadata({"huggingface": info})
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer)
    return buffer.getvalue()


def archive(files: dict[str, bytes], top: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, data in files.items():
            made.writestr(f"{top}/{name}", data)
    return buffer.getvalue()


class Hub:
    """Data sets by repository and revision: files by name. It answers what `huggingface_hub` asks."""

    def __init__(self, files: dict[str, dict[str, bytes]]):
        self.files, self.asked, self.wrong_digests, self.status = files, [], False, 200

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        if self.status != 200:
            return self.status, {}, b"not now"
        if path.startswith("/api/datasets/"):
            repository = path.removeprefix("/api/datasets/").partition("/revision/")[0]
            if repository not in self.files:
                return 404, {"X-Error-Code": "RepoNotFound"}, b"{}"
            siblings = [
                {
                    "rfilename": name,
                    "size": len(data),
                    "lfs": {"sha256": self._digest(data), "size": 1, "pointerSize": 1},
                }
                for name, data in self.files[repository].items()
            ]
            info = {"id": repository, "sha": COMMIT, "siblings": siblings, "tags": [], "private": False}
            return 200, {"Content-Type": "application/json"}, json.dumps(info).encode()
        repository, _, rest = path.removeprefix("/datasets/").partition("/resolve/")
        data = self.files.get(repository, {}).get(rest.partition("/")[2])
        if data is None:
            return 404, {"X-Error-Code": "EntryNotFound"}, b""
        return 200, {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": COMMIT}, data

    def _digest(self, data: bytes) -> str:
        return "0" * 64 if self.wrong_digests else hashlib.sha256(data).hexdigest()


class Files:
    """Files by their path on the server."""

    def __init__(self, files: dict[str, bytes]):
        self.files, self.asked, self.status = files, [], 200

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        if self.status != 200:
            return self.status, {}, b"not now"
        data = self.files.get(path.removeprefix("/"))
        return (404, {}, b"no such file") if data is None else (200, {}, data)


@contextmanager
def serving(answers: Hub | Files) -> Iterator[str]:
    """Serve at an address of this machine while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answers.answer(unquote(self.path))
            self.send(status, headers, body)

        def do_POST(self) -> None:
            self.send(*answers.receive(unquote(self.path), self.rfile.read(int(self.headers["Content-Length"]))))

        def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
