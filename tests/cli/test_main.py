"""What all commands have in common: help, exit codes, errors in one line, pipes and Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

import polyner as package
from polyner.cli import main

COMMANDS = [
    (),
    ("corpora",),
    ("corpora", "list"),
    ("corpora", "show"),
    ("corpora", "validate"),
    ("corpora", "sample"),
    ("train",),
    ("evaluate",),
    ("tag",),
    ("score",),
    ("claims",),
    ("runs",),
    ("runs", "list"),
    ("runs", "show"),
    ("runs", "remove"),
    ("sweep",),
    ("record",),
    ("book",),
]
PROGRAM = [sys.executable, "-c", "import sys; from polyner.cli import main; sys.exit(main())"]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_is_there_everywhere_and_has_examples(polyner, command):
    answer = polyner(*command, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert "Usage: polyner" in answer.out
    if command not in [("corpora",), ("runs",)]:
        assert "Examples:" in answer.out
        assert " ".join(("polyner", *command)) in answer.out.partition("Examples:")[2]


def test_version(polyner):
    assert polyner("--version").out == f"polyner {package.__version__}\n"


@pytest.mark.parametrize(
    ("loaded", "but_not"),
    [
        ("polyner.cli", ("torch", "numpy", "pandas", "altair", "huggingface_hub", "seqeval", "papermill")),
        ("polyner.runs.perform, polyner.models.word_crf", ("pandas", "altair", "scipy", "seqeval", "transformers")),
    ],
    ids=["a command's help", "a tagger"],
)
def test_nothing_heavy_is_loaded_that_is_not_needed(loaded, but_not):
    code = f"import sys, {loaded}; print(sorted(set(sys.modules) & {set(but_not)}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "error: No such command 'nonsense' (see 'polyner --help')\n"),
        (["evaluate"], "error: Missing argument 'RUN' (see 'polyner evaluate --help')\n"),
        (["train", "--nonsense"], "error: No such option: --nonsense"),
        (["train", "--seed", "one"], "error: Invalid value for '--seed'"),
        (["tag", "RUN", "--output", "xml"], "error: Invalid value for '--output' / '-o': 'xml' is not one of"),
        (["score", "/no/such/file"], "error: /no/such/file: No such file or directory\n"),
        (["runs", "show", "nothing"], "error: no run in "),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(polyner, arguments, message):
    answer = polyner(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(message)
    assert answer.err.count("\n") == 1


def test_a_command_without_its_arguments_shows_the_help(polyner):
    answer = polyner("corpora")
    assert answer.code == 2
    assert "Usage: polyner corpora" in answer.out + answer.err
    assert "error" not in answer.err


def test_debug_shows_the_traceback_wherever_it_stands(polyner):
    for arguments in (["--debug", "score", "/no/such/file"], ["score", "/no/such/file", "--debug"]):
        answer = polyner(*arguments)
        assert answer.code == 2
        assert answer.err.startswith("Traceback")
        assert answer.err.endswith("error: /no/such/file: No such file or directory\n")


def test_a_bug_is_one_line_too_and_exit_code_1(polyner, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("two\nlines \x1b[31m")

    monkeypatch.setattr("polyner.runs.RunStore.list", broken)
    answer = polyner("runs", "list")
    assert answer.code == 1
    assert answer.err == "error: ZeroDivisionError: two lines \\x1b[31m (--debug shows where)\n"
    assert "Traceback" in polyner("runs", "list", "--debug").err


def test_a_full_disk_is_said(monkeypatch):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    with open("/dev/full", "w") as full:
        done = subprocess.run([*PROGRAM, "corpora", "list"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (2, "error: No space left on device\n")


def test_nobody_reading_the_output_is_no_error_to_print():
    running = subprocess.Popen([*PROGRAM, "corpora", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    running.stdout.close()
    assert running.stderr.read() == b""
    assert running.wait() == 1


def test_ctrl_c_is_quiet(tmp_path):
    # The pipe stays open, so that the command waits for more input until the signal comes.
    running = subprocess.Popen(
        [*PROGRAM, "score", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Where the tests run in the background of a shell, they were told to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    running.stdin.write(b"a O O\n" * 20_000)  # more than a pipe holds: the command has begun to read
    running.stdin.flush()
    running.send_signal(signal.SIGINT)
    out, err = running.communicate()
    assert (running.returncode, out, err) == (130, b"", b"")


def test_a_terminal_that_knows_no_unicode_still_gets_utf_8():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [*PROGRAM, "corpora", "show", "amh", "--sentences", "1"]
    done = subprocess.run(command, env=environment, capture_output=True)
    assert done.returncode == 0
    assert any("\u1200" <= character <= "\u137f" for character in done.stdout.decode("utf-8"))


def test_main_returns_the_exit_code_and_leaves_the_process_alone(capsys):
    assert main(["corpora", "list", "--json"]) == 0
    assert capsys.readouterr().out.startswith("[\n")
