"""Disks that are full, and folders that cannot be written to: a line each, and no half file or run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from polyner.corpora.folder import write_corpus
from polyner.corpora.sentence import SPLITS
from polyner.corpora.sources.catalogue import OPEN
from tests.book.conftest import make_book
from tests.cli.test_bad_input import ENVIRONMENT, PROGRAM, TRAIN, corpus
from tests.conftest import small_corpus
from tests.corpora.sources.servers import Files, serving


def without_permission(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run without root's right to write anywhere, where the tests run as root."""
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)


CAN_DROP = os.geteuid() != 0 or (shutil.which("setpriv") and without_permission(["true"]).returncode == 0)


@pytest.mark.skipif(not CAN_DROP, reason="root cannot give up its rights here")
@pytest.mark.parametrize("place", ["store", "locks", "corpora"])
def test_folders_without_permission_are_named(tmp_path, place):
    folder = tmp_path / place
    folder.mkdir()
    if place == "locks":
        (folder / ".locks").mkdir(mode=0o555)
    else:
        folder.chmod(0o555)
    command = [*PROGRAM, *TRAIN, "--runs", str(folder)]
    if place == "corpora":
        command = [*PROGRAM, "corpora", "sample", "--language", "eng", "--out", str(folder)]
    done = without_permission(command)
    assert done.returncode == 2, done.stderr
    assert "Permission denied" in done.stderr
    assert done.stderr.count("\n") == 1
    assert str(folder) in done.stderr


@pytest.mark.skipif(not CAN_DROP, reason="root cannot give up its rights here")
@pytest.mark.parametrize("command", [["corpora", "validate"], ["corpora", "show", "--corpora"]])
def test_a_language_that_may_not_be_read_is_named_and_not_passed_over(tmp_path, command):
    for code in ("eng", "spa"):
        write_corpus(tmp_path, small_corpus(code))
    (tmp_path / "spa").chmod(0)
    done = without_permission([*PROGRAM, *command, str(tmp_path)])
    (tmp_path / "spa").chmod(0o755)
    assert done.returncode == 2, done.stderr
    assert re.fullmatch(rf"error: {tmp_path}/spa(/train.conll)?: Permission denied\n", done.stderr)


def on_a_small_disk(size: str, *command: str, keep: str = ":") -> subprocess.CompletedProcess[str]:
    """Run a command with a disk of this size at $DISK, which is gone afterwards."""
    disk = tempfile.mkdtemp()
    script = f'mount -t tmpfs -o size={size} tmpfs "$DISK" || exit 99; "$@"; code=$?; {keep}; exit $code'
    try:
        return subprocess.run(
            ["unshare", "-m", "sh", "-c", script, "sh", *(part.replace("$DISK", disk) for part in command)],
            capture_output=True,
            text=True,
            env={**ENVIRONMENT, "DISK": disk},
        )
    finally:
        os.rmdir(disk)


CAN_MOUNT = os.geteuid() == 0 and shutil.which("unshare") and on_a_small_disk("64k", "true").returncode == 0
small_disk = pytest.mark.skipif(not CAN_MOUNT, reason="needs root, to mount a small disk")


@small_disk
@pytest.mark.parametrize("size", ["16k", "60k", "120k", "160k"])
def test_a_full_disk_costs_a_line_and_leaves_no_half_run(size):
    command = [*PROGRAM, *TRAIN, "--runs", "$DISK/runs"]
    done = on_a_small_disk(size, *command, keep='echo left; ls "$DISK/runs"')
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert "the run store cannot be written to" in done.stderr
    assert "No space left" in done.stderr
    assert done.stdout.split("left\n")[1] == ""  # no run, whole or half


@small_disk
def test_a_tagger_on_a_full_disk_costs_a_line(trained):
    command = [*PROGRAM, "export", trained.id, "--runs", str(trained.store), "--out", "$DISK/out"]
    done = on_a_small_disk("16k", *command, keep='find "$DISK" -name "*.safetensors"')
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert "No space left on device" in done.stderr


@small_disk
def test_corpora_on_a_full_disk_are_whole_files_or_none():
    command = [*PROGRAM, "corpora", "sample", "--out", "$DISK/corpora"]
    done = on_a_small_disk("200k", *command, keep='find "$DISK" -type f')
    assert done.returncode == 2
    assert "cannot be written: No space left on device" in done.stderr
    files = {Path(line).name for line in done.stdout.splitlines() if line.startswith("/")}
    assert {"GENERATED.txt", "train.conll"} <= files <= {"GENERATED.txt", *(f"{split}.conll" for split in SPLITS)}


@small_disk
def test_cleaned_splits_on_a_full_disk_are_all_there_or_none(tmp_path):
    made = corpus(*([f"{split}{i}/B-PER sees" for i in range(150)] for split in SPLITS))  # a page of memory each
    write_corpus(tmp_path / "corpora", made)
    command = [*PROGRAM, "corpora", "validate", str(tmp_path / "corpora"), "--deduplicate", "$DISK/clean"]
    assert on_a_small_disk("12k", *command).returncode == 0
    for size in ("4k", "8k"):
        done = on_a_small_disk(size, *command, keep='find "$DISK" -type f')
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "cannot be written: No space left on device" in done.stderr
        assert not any(line.startswith("/") for line in done.stdout.splitlines())


@small_disk
def test_a_full_disk_is_told_from_a_network_that_is_not_there(monkeypatch):
    name, commit = OPEN["amh"].repository
    data = b"Addis B-LOC\n\n" * 20_000
    files = {f"{name}/raw/{commit}/data/amh/{split}.txt": data for split in ("train", "dev", "test")}
    with serving(Files(files)) as address:
        monkeypatch.setitem(ENVIRONMENT, "POLYNER_REPOSITORIES", address)
        command = ["env", "POLYNER_CACHE=$DISK/cache", *PROGRAM, "corpora", "fetch", "open", "amh", "--out", "$DISK/c"]
        done = on_a_small_disk("64k", *command, keep='find "$DISK" -type f')
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "cannot be written: No space left on device" in done.stderr
    assert not any(line.startswith("/") for line in done.stdout.splitlines())


@small_disk
@pytest.mark.parametrize("size", ["4k", "16k", pytest.param("2m", marks=pytest.mark.slow)])
def test_a_book_on_a_full_disk_costs_a_line(tmp_path, monkeypatch, size):
    """There is no room for a page that is read, for one that is executed, for the site."""
    book = make_book(tmp_path)
    book.write("01-word", "print(word * 4_000)")
    (book.folder / "profiles").mkdir()
    disk = tmp_path / "disk"
    disk.mkdir()
    (book.folder / "_build").symlink_to(disk)
    monkeypatch.setitem(ENVIRONMENT, "POLYNER_BOOK", str(book.folder))
    script = f'mount -t tmpfs -o size={size} tmpfs "$1" || exit 99; shift; "$@" || exit $?'
    book_command = [*PROGRAM, "book", "--profile", book.profile, "--corpora", str(book.corpora)]
    command = ["unshare", "-m", "sh", "-c", script, "sh", str(disk), *book_command]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stdout + done.stderr
    assert "No space left on device" in done.stderr
