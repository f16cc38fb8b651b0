"""Small pictures of the pages: the first chart of each as it was last drawn, so that none is ever out of date."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polyner.book.figures import charts_of, vegalite_version
from polyner.disk import made_once

if TYPE_CHECKING:
    from nbformat import NotebookNode

WIDTH, HEIGHT = 360, 200
_RENDERING = "4"  # goes up when pictures are to look different
# A transparent PNG of one dot.
_EMPTY = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=="
)
# Only the marks are left: words would be too small to read.
_SILENT = {
    "axis": {"labels": False, "title": None, "ticks": False, "domain": False, "grid": False},
    "legend": {"disable": True},
    "header": {"labels": False, "title": None},
}


def thumbnail(notebook: NotebookNode | None, cache: Path) -> bytes:
    """A PNG of the first chart of an executed page without its words; an empty one where there is none."""
    _, spec = next(charts_of(notebook), (None, None))
    return _EMPTY if spec is None else picture(spec, cache)


def picture(spec: dict[str, Any], cache: Path) -> bytes:
    """A PNG of a Vega-Lite chart without its words, made once and kept in `cache`."""
    import vl_convert

    text, version = json.dumps(_bare(spec), sort_keys=True), vegalite_version(spec)
    file = cache / f"{hashlib.sha256((_RENDERING + text).encode()).hexdigest()[:16]}.png"
    return made_once(file, lambda: vl_convert.vegalite_to_png(text, vl_version=version, scale=1))


def _bare(spec: dict[str, Any]) -> dict[str, Any]:
    """The chart at a thumbnail's size, and nothing but its marks."""
    bare = {
        key: _quiet(value) for key, value in spec.items() if key not in ("config", "title", "description", "usermeta")
    }
    bare |= {"background": "transparent", "padding": 4, "config": {**spec.get("config", {}), **_SILENT}}
    if {"mark", "layer"} & bare.keys():
        bare |= {"width": WIDTH, "height": HEIGHT, "autosize": {"type": "fit", "contains": "padding"}}
    return bare


def _quiet(node: Any) -> Any:
    """Axes and legends that a chart configures itself are silenced as well, and its texts left out."""
    if isinstance(node, list):
        return [_quiet(each) for each in node if not _is_text(each)]
    if not isinstance(node, dict):
        return node
    quiet = {key: _quiet(value) for key, value in node.items() if key not in ("axis", "legend", "header", "title")}
    return quiet | ({"title": None} if {"field", "datum", "aggregate"} & node.keys() and "type" in node else {})


def _is_text(node: Any) -> bool:
    mark = node.get("mark") if isinstance(node, dict) else None
    return (mark.get("type") if isinstance(mark, dict) else mark) == "text"
