"""The `polyner` command: arguments in, the package's answers out.

Exit codes: 0, done; 1, something failed while it ran (a page, a bug); 2, a mistake in what was given, or a place that
cannot be written to (a full disk, no permission); 130, Ctrl-C. An error is one line on standard error; `--debug`,
anywhere on the line, adds the traceback.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

import polyner
from polyner.cli import book, claims, corpora, evaluate, export, record, runs, score, sweep, table1, tag, train
from polyner.cli.output import examples, print_error
from polyner.disk import cannot_be_written
from polyner.errors import PolynerError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "polyner corpora list",
        "polyner book --profile quick",
        "polyner train --model byte-crf --language spa --corpora FOLDER --seed 1",
        "polyner tag RUN letter.txt --output json",
        then="Every command has examples of its own: polyner train --help",
    ),
)
app.add_typer(corpora.app, name="corpora")
app.command("train", epilog=train.EXAMPLES)(train.train)
app.command("evaluate", epilog=evaluate.EXAMPLES)(evaluate.evaluate)
app.command("tag", epilog=tag.EXAMPLES)(tag.tag)
app.command("export", epilog=export.EXAMPLES)(export.export)
app.command("score", epilog=score.EXAMPLES)(score.score)
app.add_typer(runs.app, name="runs")
app.command("sweep", epilog=sweep.EXAMPLES)(sweep.sweep)
app.command("record", epilog=record.EXAMPLES)(record.record)
app.command("claims", epilog=claims.EXAMPLES)(claims.claims)
app.command("table1", epilog=table1.EXAMPLES)(table1.table1)
app.command("book", cls=book.BookCommand, epilog=book.EXAMPLES)(book.book)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"polyner {polyner.__version__}")
        raise typer.Exit()


@app.callback()
def _polyner(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Sources of transfer in multilingual named entity recognition: corpora, taggers, and the book about them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (by default that of this process) and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # a stream that is no file has no encoding to set
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        status = app([a for a in given if a != "--debug"], prog_name="polyner", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except KeyboardInterrupt:
        return 130
    except (BrokenPipeError, SystemExit) as stop:  # how rich and typer end when whoever reads the output has gone
        # Keep Python from complaining, when it ends, that nobody reads what is left to print.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())
        code = getattr(stop, "code", None)
        return code if isinstance(code, int) else 1
    except Exception as error:
        if debug:
            traceback.print_exc()
        return _report(error, debug)


def _report(error: Exception, debug: bool) -> int:
    """Print what went wrong, in one line, and return the exit code."""
    if isinstance(error, typer.Abort):
        print_error("stopped, nothing was done")
        return 1
    if isinstance(error, PolynerError):
        print_error(str(error))
        return 2
    if hasattr(error, "format_message"):  # typer's own errors: an unknown option, a missing argument
        context = getattr(error, "ctx", None)
        hint = f" (see '{context.command_path} --help')" if context else ""
        if message := error.format_message().removesuffix("."):  # empty where the help was printed instead
            print_error(message.replace("Value error, ", "") + hint)
        return error.exit_code
    if isinstance(error, OSError) and error.strerror:
        print_error(f"{error.filename}: {error.strerror}" if error.filename else error.strerror)
        return 2 if cannot_be_written(error) else 1
    print_error(f"{type(error).__name__}: {error}" + ("" if debug else " (--debug shows where)"))
    return 1
