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


def thumbnail(notebook: NotebookNode | None, cache: Path) -> bytes:
    """A PNG of the first chart of an executed page without its words; an empty one where there is none."""
    _, spec = next(charts_of(notebook), (None, None))
    return _EMPTY if spec is None else picture(spec, cache)


def picture(spec: dict[str, Any], cache: Path) -> bytes:
    """A PNG of a Vega-Lite chart without its words, made once and kept in `cache`."""
    import vl_convert

    sized = {**spec, "width": WIDTH, "height": HEIGHT, "autosize": {"type": "fit", "contains": "padding"}}
    drawn = vl_convert.vegalite_to_vega(sized, vl_version=vegalite_version(spec))
    # Only the marks are left: words would be too small to read.
    drawn |= {"background": "transparent", "padding": 4, "axes": [], "legends": [], "title": None}
    drawn["marks"] = [mark for mark in drawn["marks"] if mark["type"] != "text"]
    text = json.dumps(drawn, sort_keys=True)
    file = cache / f"{hashlib.sha256((_RENDERING + text).encode()).hexdigest()[:16]}.png"
    return made_once(file, lambda: vl_convert.vega_to_png(text, scale=1))
