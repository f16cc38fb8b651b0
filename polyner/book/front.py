"""What the front page, and other pages of prose, show of results: made whenever the website is built.

A page of prose names a part, such as `front/claims.html`, where it is to stand; the prose itself stays in the file.
Results of the built-in sample corpora are never among these parts: they are no evidence.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
from nbformat import NotebookNode

from polyner import charts
from polyner.book.figures import charts_of, figure, specification, thumbnail
from polyner.book.notebooks import shown_in
from polyner.book.tables import folded_table
from polyner.book.verdicts import SIGNS, VERDICT, verdict_data
from polyner.charts.theme import GREEN, GREY, VERMILLION
from polyner.charts.words import signed
from polyner.findings import Findings
from polyner.findings.files import all_recorded
from polyner.names import PAPER, architecture_name
from polyner.paper import Verdict, claims, verdicts
from polyner.paper.sizes import gains_by_size

FOLDER = "front"
_CLAIMS = "08-claims"
_VERDICT_COLOURS = {"holds": GREEN, "does not hold": VERMILLION, "undecided": GREY}
_VERDICT_COLOURS |= dict.fromkeys(("not run", "not testable here"), "#cccccc")
_TILES_A_ROW = 7


@dataclass(frozen=True)
class Site:
    """What parts are made of: the book's folder, and its pages as last executed (None where one never was)."""

    book: Path
    pages: Mapping[str, NotebookNode | None]

    @cached_property
    def recorded(self) -> list[Findings]:
        """The recorded studies of this book, less those of sample corpora."""
        return [each for each in all_recorded(self.book / "results") if not each.sample]

    @cached_property
    def verdicts(self) -> list[tuple[Findings, list[Verdict]]]:
        """The recorded studies with their verdicts, less those that test no claim."""
        found = [(each, verdicts(each)) for each in self.recorded]
        return [(each, judged) for each, judged in found if any(one.verdict != "not run" for one in judged)]

    @cached_property
    def judged(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The verdicts (`verdict_data`) by a collection of corpora, under the title of its largest study, and claim.

        Of the studies of a collection the largest has its say first, and on what it did not run the next. What stands
        `beside`: the title of the study where it is not the largest, and smaller studies that decide otherwise.
        """
        judged: dict[str, dict[str, dict[str, Any]]] = {}
        titles: dict[str, str] = {}
        for each, found in self.verdicts:
            largest = titles.setdefault(each.about["corpora"], each.title)
            own = judged.setdefault(largest, {})
            for verdict in verdict_data(found):
                first, name = own.get(verdict["claim"]), verdict["name"]
                if first is None or first["verdict"] == "not run" != verdict["verdict"]:
                    own[verdict["claim"]] = {**verdict, "beside": [each.title] * (each.title != largest)}
                elif name in _DECIDED and _DECIDED[name] != _DECIDED.get(first["name"]):
                    first["beside"].append(f"{each.title}: {name}")
        return judged


def front_files(site: Site, texts: Iterable[str]) -> dict[str, bytes]:
    """The parts that these texts name, and what goes with them, by their path in the website's source."""
    named = {match for text in texts for match in re.findall(rf"\b{FOLDER}/([\w./-]+\w)", text)}
    files = {}
    for name in sorted(named):
        files |= _part(site, name)
    return files


def _part(site: Site, name: str) -> dict[str, bytes]:
    path = f"{FOLDER}/{name}"
    if name == "sizes.html":
        return sizes_figure(site)
    if name.startswith("thumbnails/"):
        pages = {page.replace("/", "-"): page for page in site.pages}
        if (page := pages.get(Path(name).stem)) is None:
            return {}
        _, spec = next(charts_of(site.pages[page]), (None, None))
        if page == _CLAIMS and site.judged:
            judged = [each["verdict"] for found in site.judged.values() for each in found.values()]
            spec = _verdict_tiles(judged).to_dict()
        return {path: thumbnail(spec, site.book / "_build" / "thumbnails")}
    return {path: _PARTS[name](site).encode()} if name in _PARTS else {}


def sizes_figure(site: Site) -> dict[str, bytes]:
    """What polyglot training and fine-tuning gain by the size of training sets, in every recorded study and the paper;
    its picture and its data, and the same as a table."""
    table = gains_by_size(site.recorded)
    chart = charts.gains_by_size(table)._repr_mimebundle_()["text/html"]
    shown, files = figure(chart, specification(chart), FOLDER, site.book / "_build" / "pictures")
    columns = ["model", "group", "source", "regime", "sentences", "gain", "low", "high", "seeds", "languages"]
    rows = table[columns].sort_values(["model", "group", "regime"], kind="stable")
    below = folded_table(rows.astype({"sentences": "int"}), "The gains as a table")
    return {f"{FOLDER}/sizes.html": f'<div class="polyner-front">{shown}{below}</div>'.encode(), **files}


def claims_table(site: Site) -> str:
    """The paper's claims with the verdicts on recorded results, and this run's where it is not on sample corpora."""
    of_run = verdicts_of_run(site.pages.get(_CLAIMS))
    sample = any(each["sample"] for each in of_run.values())
    judged = ({"this run": of_run} if of_run and not sample else {}) | site.judged
    rows, section = [], ""
    for claim in claims():
        number = claim.section.partition(",")[0]
        heading, section = number if number != section else "", number
        cells = "".join(_cell(source, found.get(claim.id, _NOT_RUN)) for source, found in judged.items())
        rows.append(
            f'<tr role="row"><td role="cell" class="section">{f"§{heading}" if heading else ""}</td>'
            f'<th role="rowheader" scope="row">'
            f'<a href="{_CLAIMS}.html#claim-{claim.id}">{html.escape(claim.claim)}</a></th>{cells}</tr>'
        )
    # A table that is laid out in another way on a phone is none to screen readers, unless its roles are spelled out.
    columns = ("section", "claim", *map(html.escape, judged))
    head = "".join(f'<th role="columnheader" scope="col">{name}</th>' for name in columns)
    return (
        f'{_counted(judged, sample)}<table class="polyner-claims" role="table">'
        f"<caption>The claims, and the verdict on each by the largest study of each collection; below it, those on its "
        f"parts, which smaller study it is of, where the largest did not run it, and what smaller ones decide "
        f"otherwise. <em>By chance too</em>: an untrained network, or one with nothing pruned, passes the line as well"
        f"</caption>"
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(rows)}</tbody></table>'
    )


def answer(site: Site) -> str:
    """In some sentences what became of the paper's main findings: by size, in all recorded studies, of the claims."""
    table = gains_by_size(site.recorded)
    table = table[table["source"] != PAPER]
    if table.empty:
        return "<p>No results are recorded yet.</p>"
    model = table["model"].mode()[0]
    own = table[table["model"] == model]
    regimes = {regime: own[own["regime"] == regime].sort_values("sentences") for regime in ("polyglot", "fine_tuned")}
    polyglot, tuned = ([(of["low"] > 0).sum(), (of["high"] < 0).sum()] for of in regimes.values())
    single = regimes["polyglot"]["low"].isna().sum()
    first = []
    series = own.groupby("series")["sentences"].nunique()
    if series.max() > 1:
        curves = [of[of["series"] == series.idxmax()] for of in regimes.values()]
        sizes = [f"{size:,.0f}" for size in curves[0]["sentences"]]
        rows = [curve[["gain", "low", "high"]].to_numpy().tolist() for curve in curves]
        told = [", ".join(signed(gain) + " (not clear)" * (low <= 0 <= high) for gain, low, high in of) for of in rows]
        title, last = html.escape(curves[0]["source"].iloc[-1]), sizes.pop()
        first.append(
            f"Here, on {title} with {', '.join(sizes)} and {last} sentences a language, polyglot training changes F1 "
            f"by {told[0]} points against monolingual training ({architecture_name(model)}), fine-tuning by {told[1]}."
        )
    first += filter(None, map(_with_more_dropout, site.recorded))
    over_all = (
        f"The recorded studies of the {architecture_name(model)} make {len(regimes['polyglot'])} comparisons of the "
        f"regimes, on different sets of languages and sizes of corpora; some share runs, as groups lie within one "
        f"another, and {single} have one seed and so no interval. Polyglot training clearly gains over monolingual "
        f"training in {polyglot[0]} of them and loses in {polyglot[1]}, fine-tuning gains in {tuned[0]} and loses in "
        f"{tuned[1]} (95 % intervals)."
    )
    decided = {claim.id: [] for claim in claims()}
    for _, judged in site.verdicts:
        for each in judged:
            if each.name in _DECIDED:
                decided[each.claim.id].append(each.name)
    sides = {name: frozenset(map(_DECIDED.get, names)) for name, names in decided.items()}
    kinds = Counter(sides.values())
    yes, no, both = (kinds[frozenset(each)] for each in ([True], [False], [True, False]))
    passed = {name for found in site.judged.values() for name, each in found.items() if each.get("by_chance")}
    chance = sum(sides[name] == {True} for name in passed)
    partly = sum(set(names) == {"holds in part"} for names in decided.values())
    single = sum(len(names) == 1 for names in decided.values())
    claimed = (
        f"Of the paper's {len(decided)} claims, {yes} {'holds' if yes == 1 else 'hold'} in every study that decides "
        f"them ({partly} only in part, {chance} as by chance or construction too), {no} in none, and {both} in some, "
        f"but not in others; {single} of these are decided by one study alone. The others are undecided, not run, or "
        "not to be tested here."
    )
    return "".join(f"<p>{each}</p>" for each in (" ".join(first), over_all, claimed) if each)


def _with_more_dropout(findings: Findings) -> str:
    """What is left of the gains where all regimes are kept from overfitting; nothing where a study did not try it."""
    gains = findings.contrasts.gains("more_dropout")
    if gains["regime"].tolist() != ["polyglot", "fine_tuned"]:
        return ""
    told = ["{} ({} to {})".format(*map(signed, row)) for row in gains[["difference", "low", "high"]].to_numpy()]
    return (
        f"With a dropout of 0.5 in all regimes, on {html.escape(findings.title)}, polyglot training changes F1 by "
        f"{told[0]}, and fine-tuning by {told[1]}."
    )


_DECIDED = {"holds": True, "holds in part": True, "does not hold": False}
_NOT_RUN: Mapping[str, Any] = {"verdict": "not run", "name": "not run", "reason": "", "parts": []}


def _cell(source: str, judged: Mapping[str, Any]) -> str:
    verdict, kind, study = judged["verdict"], judged["verdict"].replace(" ", "-"), html.escape(source)
    counts = Counter(judged["parts"])
    told = [judged["reason"]] if verdict == "undecided" and judged["reason"] else []
    # Of a claim of one part, or of parts that are all alike, the verdict says it all.
    if len(counts) > 1:
        told = [", ".join(_count(counts[name], name) for name in SIGNS if counts[name]), *told]
    told += ["by chance too"] * judged.get("by_chance", False) + judged.get("beside", [])
    below = f"<small>{html.escape('; '.join(told))}</small>" if told else ""
    return (
        f'<td role="cell"><span class="study" aria-hidden="true">{study}</span><span class="verdict {kind}">'
        f'<span aria-hidden="true">{SIGNS[verdict]}</span> {judged["name"]}{below}</span></td>'
    )


def _counted(judged: Mapping[str, Mapping[str, Mapping[str, Any]]], sample: bool) -> str:
    lines = []
    for source, found in judged.items():
        in_order = sorted(found.values(), key=lambda each: list(SIGNS).index(each["verdict"]))
        counts = Counter(each["name"] for each in in_order)
        numbers = ", ".join(_count(number, name) for name, number in counts.items())
        lines.append(f"<li>{html.escape(source)}: {numbers}</li>")
    if not lines:
        return "<p>No results are recorded yet.</p>"
    note = "<p>What this website's own run, on the sample corpora, says about the claims is no evidence.</p>" * sample
    return f'<ul class="polyner-counts">{"".join(lines)}</ul>{note}'


def _count(number: int, verdict: str) -> str:
    """As "1 holds", "7 hold"."""
    several = {"holds": "hold", "holds in part": "hold in part", "does not hold": "do not hold"}
    return f"{number} {verdict if number == 1 else several.get(verdict, verdict)}"


def verdicts_of_run(notebook: NotebookNode | None) -> dict[str, Mapping[str, Any]]:
    """The verdicts that an executed page shows, by claim: verdict, reason, sample, corpora, profile."""
    return {judged["claim"]: judged for data in shown_in(notebook) for judged in data.get(VERDICT, ())}


def _verdict_tiles(verdicts: Sequence[str]) -> alt.Chart:
    """A tile for each verdict in its colour, in the order given: a picture, without words."""
    table = pd.DataFrame({"verdict": verdicts})
    table["column"], table["row"] = table.index % _TILES_A_ROW, table.index // _TILES_A_ROW
    colours = alt.Scale(domain=list(_VERDICT_COLOURS), range=list(_VERDICT_COLOURS.values()))
    tiles = alt.Chart(table).mark_rect(cornerRadius=3)
    return tiles.encode(
        x=alt.X("column:O", scale=alt.Scale(padding=0.12)),
        y=alt.Y("row:O", scale=alt.Scale(padding=0.12)),
        color=alt.Color("verdict:N", scale=colours),
    )


_PARTS = {"answer.html": answer, "claims.html": claims_table}
