"""`polyner corpora fetch` and `polyner corpora import`: corpora of others, from a network or a disk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from polyner.cli.options import AsJson, language_codes
from polyner.cli.output import examples, print_json, print_lines, print_note, print_table
from polyner.corpora.sentence import SPLITS, Corpus
from polyner.corpora.sources.provenance import KNOWN, Source, counts
from polyner.errors import SettingsError

app = typer.Typer(no_args_is_help=True, help="Bring in corpora from a disk: LORELEI packages, CoNLL's official files.")
Out = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help="The corpora folder to put them in, as FOLDER/LANGUAGE/….")
]
Force = Annotated[bool, typer.Option("--force", help="Replace a language that is there.")]

FETCH_EXAMPLES = examples(
    "polyner corpora fetch wikiann --out corpora",
    "polyner corpora fetch open amh yor --out corpora",
    "polyner corpora fetch panx French ita --out panx",
    "polyner corpora fetch conll2002 spa --out corpora --from FOLDER",
    "polyner corpora fetch open --licences",
)


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
        conversions=[
            f"simple named entities of the types {', '.join(wanted)}",
            "documents split 80/10/10 by a hash of their names",
            "words to NFC",
        ],
        repairs={key: count for key, count in counted.items() if isinstance(count, int)},
        notes=[f"{count:,} {kind} left out" for kind, count in counted["other_types"].items()],
    )
    store(out, corpus, source)
    if as_json:
        print_json({"language": code, "folder": str(out / code), "report": counted, **_sizes(corpus)})
        return
    print_table(["of the packages", "number"], report.rows())
    _print_written(out, corpus)


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
        _print_checked(out, corpus, source)


def fetch_corpora(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="wikiann, conll2002, conll2003-eng, masakhaner, masakhaner2, wikineural, uner, open or panx.",
        ),
    ],
    languages: Annotated[
        list[str] | None, typer.Argument(metavar="LANGUAGE…", help="ISO 639-3 codes or names; all it has by default.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="The corpora folder to put them in.")] = Path("corpora"),
    revision: Annotated[
        str | None, typer.Option(help="Of the hub's repository; by default that of FOLDER/SOURCES.json, or the newest.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--from", metavar="FOLDER", help="Files that were brought by hand; no network.")
    ] = None,
    licences: Annotated[bool, typer.Option("--licences", help="Only show the licences.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace languages that are there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch a collection of corpora, show its licence first, and put it into a corpora folder.

    From the Hugging Face hub come wikiann, conll2002, conll2003-eng,
    masakhaner, masakhaner2, wikineural and uner; from public repositories, at
    pinned commits, come open, with another source for each language, and
    panx, WikiANN's silver sentences in 47 languages without repetitions.

    FOLDER/SOURCES.json records where each language comes from, its licence,
    revision, files with their SHA-256, counts and repairs; fetched again, it
    has to be the same. Counts are compared with those that are known. With
    --json, the licence goes to standard error first.
    """
    from polyner.corpora.sources.catalogue import ABOUT
    from polyner.corpora.sources.fetch import check_target, fetch, is_there, licences_of

    by_code = licences_of(name, language_codes(languages))
    if licences and as_json:
        print_json({"collection": name, "about": ABOUT[name], "licences": by_code})
        return
    if not as_json:
        print_lines(f"{name}: {ABOUT[name]}")
    for licence in dict.fromkeys(by_code.values()):
        codes = ", ".join(code for code, own in by_code.items() if own == licence)
        (print_note if as_json else print_lines)(f"licence of {codes}: {licence}")
    if licences:
        return
    there = [] if force or folder else [code for code in by_code if is_there(name, code, out, revision)]
    if there:
        print_note(f"{', '.join(there)}: there already, at the same revision and unchanged; --force fetches anew")
    wanted = [code for code in by_code if code not in there]
    check_target(out, wanted, force)
    fetched: list[dict[str, Any]] = []
    for corpus, source in fetch(name, wanted, out, revision=revision, folder=folder) if wanted else ():
        about = {"language": corpus.language, "revision": source.revision, "licence": source.licence}
        fetched.append({**about, "notes": list(source.notes)})
        if not as_json:
            _print_checked(out, corpus, source)
    if as_json:
        print_json(fetched)


def _print_checked(out: Path, corpus: Corpus, source: Source) -> None:
    """Say what was written, and whether it has as many sentences and entities as it is known to have."""
    _print_written(out, corpus)
    if corpus.language in KNOWN.get(source.name, ()) and not source.notes:
        print_lines(f"{corpus.language}: all counts are those known of {source.name}")
    for note in source.notes:
        print_note(note)


def _print_written(out: Path, corpus: Corpus) -> None:
    """Say what was written, a line a corpus."""
    sizes = ", ".join(f"{split} {len(corpus[split]):,}" for split in SPLITS)
    print_lines(f"wrote {out / corpus.language}: {sizes} sentences, {' '.join(corpus.types) or 'no entities'}")


def _sizes(corpus: Corpus) -> dict[str, Any]:
    return {"splits": {split: counts(corpus[split]) for split in SPLITS}}
