"""The charts of a published page as figures: with the live chart go a picture of it, its data, and what it shows.

The picture is for readers without JavaScript and for print; a thumbnail stands for a whole page. All is made from the
chart's own specification, when the website is built, so that it cannot differ from the chart.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import vl_convert
from nbformat import NotebookNode

from polyner.book.notebooks import shown_in
from polyner.charts.theme import INSIDE_SCRIPT
from polyner.disk import made_once
from polyner.validation import merged

FOLDER = "_static/figures"
# Pixels: a picture fits a page's column and a sheet of paper.
_WIDTH = 640
_THUMBNAIL = {"width": 360, "height": 200, "autosize": {"type": "fit", "contains": "padding"}}
_RENDERING = "4"  # goes up when thumbnails are to look different
# A transparent PNG of one dot.
_EMPTY = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=="
)
# The picture is a white card whatever the page's theme is, with dark ink.
_INK, _MUTED = "#1f1f1f", "#4a4a4a"
_COLOURS = {
    "axis": {"labelColor": _MUTED, "titleColor": _MUTED, "domainColor": _MUTED, "tickColor": _MUTED},
    "legend": {"labelColor": _INK, "titleColor": _INK},
    "title": {"color": _INK, "subtitleColor": _MUTED},
    "text": {"color": _INK},
}
# In an image nobody hears what marks are called, or sees thousandths of a pixel: a third of a picture.
_UNHEARD = re.compile(r' (?:aria-[a-z]+|role)="[^"]*"|(?<=\.\d\d)\d{3,}')
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Columns that only say where a mark is drawn.
_DRAWN = ["row", "order", "ink", "heading", "length", "label", "own_scale", "at"]


def add_figures(notebook: NotebookNode, page: str, cache: Path, note: str = "") -> dict[str, bytes]:
    """Put a figure around each chart of a notebook; the files of these by their path in the website.

    `page` is the page's name in the book; pictures are made once and kept in `cache`. `note` is said below each chart
    that has none of its own in its metadata.
    """
    files = {}
    for number, (data, spec) in enumerate(charts_of(notebook), 1):
        data["text/html"], own = figure(data["text/html"], spec, page, cache, number, note)
        files |= own
    return files


def specification(markup: str) -> dict[str, Any] | None:
    """The specification of the chart that Altair's HTML draws; None where it is not a chart."""
    if "vegaEmbed" not in markup or "})({" not in markup:
        return None
    _, spec, _ = _in_parts(markup)
    return spec if "vega-lite" in str(spec.get("$schema")) else None


def _in_parts(markup: str) -> tuple[str, dict[str, Any], str]:
    """What stands before the specification, the specification, and what stands after it."""
    start = markup.rindex("})({") + len("})(")
    spec, end = json.JSONDecoder().raw_decode(markup, start)
    return markup[:start], spec, markup[end:]


def _compact(markup: str) -> str:
    """The HTML of a chart with the names of its columns once, not in every row, as `site.viewer_script` reads it: they
    are half of its data, and these most of a page."""
    before, spec, after = _in_parts(markup)
    for name, rows in spec.get("datasets", {}).items():
        # Of a reader's own chart, rows may lack what others have.
        if len(columns := {tuple(row) for row in rows}) == 1:
            spec["datasets"][name] = {"columns": [*columns.pop()], "rows": [[*row.values()] for row in rows]}
    return before + json.dumps(spec, **INSIDE_SCRIPT) + after


def picture(spec: Mapping[str, Any], cache: Path) -> bytes:
    """The chart as SVG: as it is before anybody touches it, as wide as a page's column, dark on white."""
    version, drawn = _vegalite_version(spec), dict(spec)
    if spec.get("width") == "container":
        drawn |= {"width": _WIDTH, "autosize": {"type": "fit-x", "contains": "padding"}}
    config = {**merged(spec.get("config", {}), _COLOURS), "background": "white"}
    fixed = json.dumps({**drawn, "config": config, "padding": 8}, sort_keys=True)
    key = hashlib.sha256(f"{vl_convert.__version__} {_UNHEARD.pattern} {fixed}".encode()).hexdigest()[:24]
    return made_once(
        cache / f"{key}.svg", lambda: _UNHEARD.sub("", vl_convert.vegalite_to_svg(fixed, vl_version=version)).encode()
    )


def thumbnail(spec: Mapping[str, Any] | None, cache: Path) -> bytes:
    """A small PNG of a chart without its words, made once and kept in `cache`; an empty one where there is no chart."""
    if spec is None:
        return _EMPTY
    drawn = vl_convert.vegalite_to_vega({**spec, **_THUMBNAIL}, vl_version=_vegalite_version(spec))
    # Only the marks are left: words would be too small to read.
    drawn |= {"background": "transparent", "padding": 4, "axes": [], "legends": [], "title": None}
    drawn["marks"] = [mark for mark in drawn["marks"] if mark["type"] != "text"]
    text = json.dumps(drawn, sort_keys=True)
    file = cache / f"{hashlib.sha256((_RENDERING + text).encode()).hexdigest()[:16]}.png"
    return made_once(file, lambda: vl_convert.vega_to_png(text, scale=1))


def _vegalite_version(spec: Mapping[str, Any]) -> str:
    """The major and minor version of Vega-Lite that a specification says it is for."""
    return ".".join(str(spec["$schema"]).rpartition("/v")[2].removesuffix(".json").split(".")[:2])


def data_of(spec: Mapping[str, Any]) -> str:
    """The chart's data as CSV (RFC 4180): its largest table, without what only says where marks are drawn.

    Text that a spreadsheet would take for a formula has an apostrophe before it.
    """
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


def figure(
    chart: str, spec: Mapping[str, Any], page: str, cache: Path, number: int = 1, note: str = ""
) -> tuple[str, dict[str, bytes]]:
    """The HTML of a chart with its picture, and below them words and links; and the files that go with it. The chart is
    that of the number on the page, and the rest as in `add_figures`."""
    file = f"{FOLDER}/{page.replace('/', '-')}-{number}"
    files = {f"{file}.svg": picture(spec, cache), f"{file}.csv": data_of(spec).encode()}
    stem = html.escape("../" * page.count("/") + file)
    words = spec.get("description") or "A chart."
    about = spec.get("usermeta", {}).get("polyner", {})
    text, short = html.escape(str(words)), html.escape(str(about.get("finding") or words))
    links = "".join(
        f'<a href="{stem}.{kind}" download aria-label="{name} ({kind.upper()}) of chart {number}">{name} '
        f"({kind.upper()})</a>"
        for kind, name in (("csv", "Data"), ("svg", "Picture"))
    )
    note = about.get("note", note)
    said = f"<small>{html.escape(note)}</small>" if note else ""
    markup = (
        f'<figure class="polyner-figure">{_compact(chart)}'
        f'<img class="polyner-picture" src="{stem}.svg" alt="{short}" loading="lazy">'
        f"<figcaption><details><summary>This chart in words</summary><p>{text}</p></details>{links}{said}</figcaption>"
        "</figure>"
    )
    return markup, files
