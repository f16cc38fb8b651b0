"""The first use of a glossary's term on a page leads there; nothing else does."""

from __future__ import annotations

import re

import pytest
from sphinx.testing.util import SphinxTestApp

GLOSSARY = """# Glossary

```{glossary}
zero-shot
  Without training, unlike a polyglot.

run store
  A folder.

run
  One training.

polyglot
  Of many languages.
```
"""
PAGE = """# A polyglot title

A polyglot tagger, Polyglot again, many polyglots, a monopolyglot; a run in the run store of `zero-shot` code.

[A zero-shot link](glossary) is a link already.
"""


@pytest.fixture
def build(tmp_path):
    def made(**pages: str) -> dict[str, str]:
        source = tmp_path / "source"
        source.mkdir(exist_ok=True)
        toctree = "\n".join(pages)
        (source / "index.md").write_text(f"# Index\n\n```{{toctree}}\n{toctree}\n```\n")
        for name, text in pages.items():
            (source / f"{name}.md").write_text(text)
        (source / "conf.py").write_text("extensions = ['myst_parser', 'polyner.book.sphinx_extension']\n")
        app = SphinxTestApp(srcdir=source, builddir=tmp_path / "build", freshenv=False)
        app.build()
        html = {name: (app.outdir / f"{name}.html").read_text(encoding="utf-8") for name in pages}
        assert app.warning.getvalue() == ""
        app.cleanup()
        return html

    return made


def links(html: str) -> list[tuple[str, str]]:
    found = re.findall(r'<a class="[^"]*polyner-term[^"]*" href="([^"]+)"[^>]*>([^<]+)</a>', html)
    return [(target.partition("#")[2], text) for target, text in found]


def test_first_uses_in_running_text_are_linked_and_ordinary_words_are_not(build):
    assert links(build(page=PAGE, glossary=GLOSSARY)["page"]) == [
        ("term-polyglot", "polyglot"),
        ("term-run-store", "run store"),
    ]


def test_terms_do_not_lead_from_the_glossary_to_itself(build):
    assert links(build(page=PAGE, glossary=GLOSSARY)["glossary"]) == []


def test_what_is_linked_by_hand_is_not_linked_again(build):
    page = "# Page\n\nIn the {term}`run store`, a run store of {term}`runs <run>`.\n"
    html = build(page=page, glossary=GLOSSARY)["page"]
    assert links(html) == []
    assert html.count("term-run-store") == 1


def test_pages_follow_the_glossary(build):
    build(page=PAGE, glossary=GLOSSARY)
    html = build(page=PAGE, glossary=GLOSSARY.replace("run store\n", "tagger\n"))["page"]
    assert ("term-tagger", "tagger") in links(html)
    assert "run-store" not in html
