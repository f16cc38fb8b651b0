"""A Sphinx extension for pages that ask nothing of the network, nor carry what no page loads: formulas as MathML, no
Thebe, no source maps.

Sphinx's MathJax comes from a server; browsers draw MathML themselves, screen readers read it, and no script is needed.
docutils converts the LaTeX; a formula that it does not know is shown as written, with a warning.
"""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

# Of what the theme brings: the sources of its scripts, its words in other languages, and fonts that a browser takes as
# .woff2. No page loads them.
_NOT_LOADED = ("*.map", "*.ttf", "locales")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_block, None))
    app.connect("builder-inited", _without_thebe)
    app.connect("build-finished", _without_what_no_page_loads)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def to_mathml(latex: str, block: bool, location: Any = None) -> str:
    """The formula as MathML; the LaTeX itself, escaped, where it cannot be converted."""
    # docutils takes the row end and a letter that follows it for one command.
    spaced = re.sub(r"\\\\(?=[A-Za-z])", r"\\\\ ", latex)
    try:
        return tex2mathml(spaced, as_block=block)
    except MathError as error:
        logger.warning("formula not converted: %s: %s", error, latex, location=location, type="math", subtype="mathml")
        return f'<code class="math">{html.escape(latex)}</code>'


def _inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(f'<span class="math">{to_mathml(node.astext(), False, node)}</span>')
    raise nodes.SkipNode


def _block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node.get("number"):
        self.body.append(f'<span class="eqno">({node["number"]})</span>')
    self.body.append(f"{to_mathml(node.astext(), True, node)}</div>\n")
    raise nodes.SkipNode


def _without_thebe(app: Sphinx) -> None:
    """Jupyter Book always loads sphinx-thebe, which puts the address of a script from a server on every page, twice."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if getattr(listener.handler, "__module__", "").startswith("sphinx_thebe"):
                app.disconnect(listener.id)


def _without_what_no_page_loads(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None:
        return
    for path in [path for pattern in _NOT_LOADED for path in Path(app.outdir, "_static").rglob(pattern)]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
