"""A Sphinx extension: on every page, the first use of a term of the glossary leads to it.

The pages' sources stay plain Markdown, which Jupyter and Colab show as it is. Only running text is linked: no
headings, code, links or tables, and no term in its own glossary. `{term}` works as ever, for other words and places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.util.nodes import make_refnode

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

# Terms that are ordinary words, too: only `{term}` links them.
ORDINARY = {"profile", "regime", "run", "seed", "span", "verdict"}
_NOT_IN = (
    *(nodes.title, nodes.reference, nodes.literal, nodes.literal_block, nodes.math, nodes.raw, nodes.table),
    *(nodes.citation, addnodes.glossary, addnodes.pending_xref),
)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-resolved", link_terms)
    app.connect("env-updated", _pages_of_other_terms)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link the first use of each term in a page's running text, where nothing links the term yet."""
    terms = _terms(app.env)
    if not terms or any(target[0] == docname for target in terms.values()):
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
    objects = env.get_domain("std").objects
    named = {name.lower(): place for (kind, name), place in objects.items() if kind == "term"}
    return {name: place for name, place in named.items() if name not in ORDINARY}


def _pages_of_other_terms(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """All pages, where the terms are not those of the last build: their links are made when they are written."""
    before, now = getattr(env, "polyner_terms", None), _terms(env)
    env.polyner_terms = now
    return [] if before == now else sorted(env.found_docs)
