"""`polyner corpora fetch`: well-known corpora from the Hugging Face hub and from public repositories."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from polyner.cli.corpora_import import print_checked, print_written
from polyner.cli.options import AsJson, language_codes
from polyner.cli.output import examples, print_json, print_lines, print_note

EXAMPLES = examples(
    "polyner corpora fetch wikiann --out corpora",
    "polyner corpora fetch open amh yor --out corpora",
    "polyner corpora fetch panx French ita --out panx",
    "polyner corpora fetch conll2002 spa --out corpora --from FOLDER",
    "polyner corpora fetch open --licences",
)


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
            print_written(out, corpus)
            print_checked(corpus, source)
    if as_json:
        print_json(fetched)
