"""The book's Sphinx extension: pages that ask nothing of the network, and links to the glossary.

Formulas are MathML: Sphinx's MathJax comes from a server; browsers draw MathML themselves, screen readers read it, and
no script is needed. docutils converts the LaTeX; a formula that it does not know is shown as written, with a warning.

On every page, the first use of a term of the glossary leads to it. The pages' sources stay plain Markdown, which
Jupyter and Colab show as it is. Only running text is linked: no headings, code, links or tables, and no term in its own
glossary. `{term}` works as ever, for other words and places.
"""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

# Of what the theme brings: the sources of its scripts, its words in other languages, and fonts that a browser takes as
# .woff2. No page loads them.
_NOT_LOADED = ("*.map", "*.ttf", "locales")
# Terms that are ordinary words, too: only `{term}` links them.
ORDINARY = {"profile", "regime", "run", "seed", "span", "verdict"}
_NOT_IN = (
    *(nodes.title, nodes.reference, nodes.literal, nodes.literal_block, nodes.math, nodes.raw, nodes.table),
    *(nodes.citation, addnodes.glossary, addnodes.pending_xref),
)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_block, None))
    app.connect("builder-inited", _without_thebe)
    app.connect("build-finished", _without_what_no_page_loads)
    app.connect("doctree-resolved", link_terms)
    app.connect("env-updated", _pages_of_other_terms)
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


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link the first use of each term in a page's running text, where nothing links the term yet."""
    if not (terms := _terms(app.env)) or any(target[0] == docname for target in terms.values()):
        return
    linked = {node["refuri"].partition("#")[2] for node in doctree.findall(nodes.reference) if "refuri" in node}
    # The longest first: "run store" before "store". A plural is the same term.
    pattern = re.compile(
        rf"(?<![\w-])({'|'.join(sorted(map(re.escape, terms), key=len, reverse=True))})s?(?![\w-])", re.I
    )
    for text in list(_running_text(doctree)):
        pieces, end = [], 0
        for match in pattern.finditer(text):
            document, anchor = terms[match[1].lower()]
            if anchor in linked:
                continue
            linked.add(anchor)
            link = make_refnode(app.builder, docname, document, anchor, nodes.Text(match[0]), "in the glossary")
            link["classes"].append("polyner-term")
            pieces += [nodes.Text(text[end : match.start()]), link]
            end = match.end()
        if pieces:
            text.parent.replace(text, [*pieces, nodes.Text(text[end:])])


def _running_text(doctree: nodes.document) -> Iterator[nodes.Text]:
    for paragraph in doctree.findall(nodes.paragraph):
        for text in paragraph.findall(nodes.Text):
            ancestor = text.parent
            while ancestor is not None and not isinstance(ancestor, _NOT_IN):
                ancestor = ancestor.parent
            if ancestor is None:
                yield text


def _terms(env: BuildEnvironment) -> dict[str, tuple[str, str]]:
    """The page and the anchor of each term, by the term in small letters."""
    named = {name.lower(): place for (kind, name), place in env.get_domain("std").objects.items() if kind == "term"}
    return {name: place for name, place in named.items() if name not in ORDINARY}


def _pages_of_other_terms(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """All pages, where the terms are not those of the last build: their links are made when they are written."""
    before, now = getattr(env, "polyner_terms", None), _terms(env)
    env.polyner_terms = now
    return [] if before == now else sorted(env.found_docs)
