"""`polyner corpora import`: corpora that someone has on a disk, in the formats they are sold or handed out in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from polyner.cli.options import AsJson, language_codes
from polyner.cli.output import examples, print_json, print_lines, print_note, print_table
from polyner.corpora.sentence import SPLITS, Corpus
from polyner.corpora.sources.provenance import Source, counts
from polyner.errors import SettingsError

app = typer.Typer(no_args_is_help=True, help="Bring in corpora from a disk: LORELEI packages, CoNLL's official files.")
Out = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help="The corpora folder to put them in, as FOLDER/LANGUAGE/….")
]
Force = Annotated[bool, typer.Option("--force", help="Replace a language that is there.")]

_CONVERSIONS = ("documents split 80/10/10 by a hash of their names", "words to NFC")


@app.command(
    "lorelei",
    epilog=examples(
        "polyner corpora import lorelei PACKAGE --language som --out corpora",
        "polyner corpora import lorelei lorelei_vietnamese.tgz more.zip --language vie --out corpora",
    ),
)
def import_lorelei(
    packages: Annotated[list[Path], typer.Argument(metavar="PACKAGE…", help="Folders, .zip or .tgz files.")],
    out: Out,
    language: Annotated[str, typer.Option("--language", "-l", metavar="CODE", help="ISO 639-3 code.")],
    types: Annotated[
        str, typer.Option(help="The entity types to keep, by commas.")
    ] = "PER,ORG,GPE,LOC",  # lorelei.TYPES, which is not imported for the help
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Make a corpus of LORELEI packages: LTF texts and their simple named entities in LAF.

    Documents go whole into train, dev and test, 80, 10 and 10 in 100, always
    in the same way. What was kept, changed and left out is reported, and
    recorded in FOLDER/SOURCES.json.
    """
    from polyner.corpora.lorelei.package import read_packages
    from polyner.corpora.sources.fetch import check_target, store

    codes = language_codes([language]) or ()
    if len(codes) != 1:
        raise SettingsError("packages are of one --language")
    (code,) = codes
    check_target(out, [code], force)
    wanted = tuple(dict.fromkeys(name.strip() for name in types.split(",") if name.strip()))
    corpus, report, digests = read_packages(packages, code, wanted)
    counted = report.as_dict()
    source = Source(
        name="lorelei",
        origin=", ".join(package.name for package in packages),
        licence="LDC User Agreement",
        files=digests,
        conversions=[f"simple named entities of the types {', '.join(wanted)}", *_CONVERSIONS],
        repairs={key: count for key, count in counted.items() if isinstance(count, int)},
        notes=[f"{count:,} {kind} left out" for kind, count in counted["other_types"].items()],
    )
    store(out, corpus, source)
    if as_json:
        print_json({"language": code, "folder": str(out / code), "report": counted, **_sizes(corpus)})
        return
    print_table(["of the packages", "number"], report.rows())
    print_written(out, corpus)


@app.command(
    "conll",
    epilog=examples(
        "polyner corpora import conll FOLDER --out corpora",
        "polyner corpora import conll eng.train eng.testa eng.testb --out corpora",
    ),
)
def import_conll(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files, or folders to search for them.")],
    out: Out,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Bring in the official files of CoNLL-2002 and CoNLL-2003, recognised by their names.

    English eng.train, eng.testa, eng.testb; German deu.…; Spanish esp.…; Dutch
    ned.…. Encoding and tagging scheme are found out, and sentences and
    entities compared with the numbers the tasks have published.
    """
    from polyner.corpora.sources.fetch import check_target, store
    from polyner.corpora.sources.shared_tasks import find_shared_tasks, read_shared_task

    found = find_shared_tasks(paths)
    check_target(out, list(found), force)
    read = [read_shared_task(language, files) for language, files in found.items()]
    for corpus, source in read:
        store(out, corpus, source)
    if as_json:
        about = [(corpus, {"collection": source.name, "notes": list(source.notes)}) for corpus, source in read]
        print_json([{"language": corpus.language, **of_it, **_sizes(corpus)} for corpus, of_it in about])
        return
    for corpus, source in read:
        print_written(out, corpus)
        print_checked(corpus, source)


def print_checked(corpus: Corpus, source: Source) -> None:
    """Say whether a corpus has as many sentences and entities as it is known to have."""
    from polyner.corpora.sources.known import is_known

    if is_known(source.name, corpus.language) and not source.notes:
        print_lines(f"{corpus.language}: all counts are those known of {source.name}")
    for note in source.notes:
        print_note(note)


def print_written(out: Path, corpus: Corpus) -> None:
    """Say what was written, a line a corpus."""
    sizes = ", ".join(f"{split} {len(corpus[split]):,}" for split in SPLITS)
    print_lines(f"wrote {out / corpus.language}: {sizes} sentences, {' '.join(corpus.types) or 'no entities'}")


def _sizes(corpus: Corpus) -> dict[str, Any]:
    return {"splits": {split: counts(corpus[split]) for split in SPLITS}}
