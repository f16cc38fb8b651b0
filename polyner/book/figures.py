"""The charts of a published page as figures: with the live chart go a picture of it, its data, and what it shows.

The picture is for readers without JavaScript and for print. All is made from the chart's own specification, when the
website is built, so that it cannot differ from the chart.
"""

from __future__ import annotations

import copy
import hashlib
import html
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polyner.book.notebooks import shown_in
from polyner.disk import made_once
from polyner.validation import merged

if TYPE_CHECKING:
    from nbformat import NotebookNode

FOLDER = "_static/figures"
# Pixels: a picture fits a page's column and a sheet of paper.
_WIDTH = 640
# The picture is a white card whatever the page's theme is, with dark ink.
_INK, _MUTED = "#1f1f1f", "#4a4a4a"
_COLOURS = {
    "axis": {"labelColor": _MUTED, "titleColor": _MUTED, "domainColor": _MUTED, "tickColor": _MUTED},
    "legend": {"labelColor": _INK, "titleColor": _INK},
    "title": {"color": _INK, "subtitleColor": _MUTED},
    "text": {"color": _INK},
}
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Columns that only say where a mark is drawn.
_DRAWN = ["row", "order", "ink", "heading", "length", "label", "own_scale", "at"]


def with_figures(
    notebook: NotebookNode, page: str, cache: Path, note: str = ""
) -> tuple[NotebookNode, dict[str, bytes]]:
    """The notebook with a figure around each of its charts, and the files of these by their path in the website.

    `page` is the page's name in the book; pictures are made once and kept in `cache`. `note` is said below each chart
    that has none of its own in its metadata.
    """
    published, files = copy.deepcopy(notebook), {}
    up = "../" * page.count("/")
    for number, (data, spec) in enumerate(charts_of(published), 1):
        stem = f"{FOLDER}/{page.replace('/', '-')}-{number}"
        files |= {f"{stem}.svg": picture(spec, cache), f"{stem}.csv": data_of(spec).encode()}
        data["text/html"] = _figure(data["text/html"], spec, f"{up}{stem}", number, note)
    return published, files


def specification(markup: str) -> dict[str, Any] | None:
    """The specification of the chart that Altair's HTML draws; None where it is not a chart."""
    if "vegaEmbed" not in markup or (start := markup.rfind("})({")) < 0:
        return None
    spec, _ = json.JSONDecoder().raw_decode(markup, start + len("})("))
    return spec if "vega-lite" in str(spec.get("$schema")) else None


def picture(spec: Mapping[str, Any], cache: Path) -> bytes:
    """The chart as SVG: as it is before anybody touches it, as wide as a page's column, dark on white."""
    import vl_convert

    fixed = json.dumps(_fixed(spec), sort_keys=True)
    key = hashlib.sha256(f"{vl_convert.__version__} {fixed}".encode()).hexdigest()[:24]
    version = vegalite_version(spec)
    return made_once(cache / f"{key}.svg", lambda: vl_convert.vegalite_to_svg(fixed, vl_version=version).encode())


def vegalite_version(spec: Mapping[str, Any]) -> str:
    """The major and minor version of Vega-Lite that a specification says it is for."""
    return ".".join(str(spec["$schema"]).rpartition("/v")[2].removesuffix(".json").split(".")[:2])


def data_of(spec: Mapping[str, Any]) -> str:
    """The chart's data as CSV (RFC 4180): its largest table, without what only says where marks are drawn.

    Text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    import pandas as pd

    rows = [row for row in max(spec.get("datasets", {}).values(), key=len, default=[]) if not row.get("heading")]
    table = pd.DataFrame(rows, dtype=object).drop(columns=_DRAWN, errors="ignore")
    return table.rename(columns=_cell).map(_cell).to_csv(index=False, lineterminator="\r\n")


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def charts_of(notebook: NotebookNode | None) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """What is displayed as Vega-Lite charts, in the order in which they stand, with their specifications."""
    for data in shown_in(notebook):
        if (spec := specification(data.get("text/html", ""))) is not None:
            yield data, spec


def _fixed(spec: Mapping[str, Any]) -> dict[str, Any]:
    fixed = json.loads(json.dumps(spec))
    if fixed.get("width") == "container":
        fixed["width"] = _WIDTH
        fixed["autosize"] = {"type": "fit-x", "contains": "padding"}
    config = merged(fixed.get("config", {}), _COLOURS)
    return {**fixed, "config": {**config, "background": "white"}, "padding": 8}


def _figure(chart: str, spec: Mapping[str, Any], stem: str, number: int, note: str) -> str:
    """The markup of a figure: the chart, its picture, and below them words and links."""
    words = spec.get("description") or "A chart."
    about = spec.get("usermeta", {}).get("polyner", {})
    finding = about.get("finding") or words
    text, short = html.escape(str(words)), html.escape(str(finding))
    links = "".join(
        f'<a href="{html.escape(stem)}.{kind}" download aria-label="{name} ({kind.upper()}) of chart {number}">{name} '
        f"({kind.upper()})</a>"
        for kind, name in (("csv", "Data"), ("svg", "Picture"))
    )
    note = about.get("note", note)
    said = f"<small>{html.escape(note)}</small>" if note else ""
    return (
        f'<figure class="polyner-figure">{chart}'
        f'<img class="polyner-picture" src="{html.escape(stem)}.svg" alt="{short}" loading="lazy">'
        f"<figcaption><details><summary>This chart in words</summary><p>{text}</p></details>{links}{said}</figcaption>"
        "</figure>"
    )
