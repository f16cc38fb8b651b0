"""The tagger in the page: what is shipped with the site, and what it does in a browser without a network."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from polyner.book import build_book
from polyner.book.notebooks import find_book
from polyner.book.runtime import runtime_script
from polyner.book.tagger import (
    NO_MODELS,
    SAMPLE_NOTE,
    SOURCE,
    about_language,
    frequent_words,
    show_tagger,
    tagger_files,
    telling_sentences,
)
from polyner.corpora.sample import sample_corpus
from polyner.corpora.sentence import Corpus
from polyner.errors import NotAvailable
from polyner.findings.taggers import chosen_runs
from polyner.models import load_tagger
from polyner.study.protocol import Study
from polyner.study.settings import Settings
from tests.conftest import sentence
from tests.export.exported import Both

from .conftest import CONFIG

TOC = "format: jb-book\nroot: intro\nchapters:\n  - file: tagger\n  - file: models/word-crf\n"
INTRO = '# A book\n\n<div class="polyner-tagger" data-small></div>\n<script defer src="tagger/tagger.js"></script>\n'

TAG_ALL = """async ([run, sentences]) => {
    const answers = [];
    for (const words of sentences) answers.push(await polynerLoad.tag(run, words, "eng"));
    return answers;
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The page of the taggers in five languages, and a front page with the small one, built strictly."""
    root = tmp_path_factory.mktemp("taggers")
    book = root / "book"
    book.mkdir()
    shutil.copy(CONFIG, root)
    for name in ("tagger.py", SOURCE, "_static", "references.bib"):
        copy = shutil.copytree if (find_book() / name).is_dir() else shutil.copy
        copy(find_book() / name, book / name)
    (book / "_toc.yml").write_text(TOC, encoding="utf-8")
    (book / "models").mkdir()
    (book / "models" / "word-crf.md").write_text("# The architecture\n", encoding="utf-8")
    (book / "intro.md").write_text(INTRO, encoding="utf-8")
    text = io.StringIO()
    overrides = {"languages": ["eng", "spa", "amh", "ara", "rus"], "runs": str(root / "runs")}
    result = build_book(
        "smoke", "sample", None, overrides, book=book, strict=True, console=Console(file=text, width=200)
    )
    return root, result, text.getvalue()


@pytest.fixture(scope="module")
def runtime(site):
    """The site, where onnxruntime-web could be had from npm."""
    try:
        runtime_script(site[0] / "book" / "_build" / "viewer")
    except NotAvailable as error:
        pytest.skip(str(error))
    return site


def folder(site) -> Path:
    return site[0] / "book" / "_build" / "html" / "tagger"


def manifest(site) -> dict:
    first = (folder(site) / "tagger.js").read_text(encoding="utf-8").splitlines()[0]
    return json.loads(first.removeprefix("globalThis.polynerTaggers = ").removesuffix(";"))


def test_every_language_at_hand_has_its_models_and_a_novel_one_the_polyglot_one(runtime):
    assert runtime[1].problem == "", runtime[2]
    about = manifest(runtime)
    regimes = {code: set(language["models"]) for code, language in about["languages"].items()}
    assert list(regimes) == ["eng", "spa", "amh", "ara", "rus"]
    for code in ("eng", "spa", "amh", "ara"):
        assert regimes[code] == {"monolingual", "polyglot", "fine_tuned"}
    assert regimes["rus"] == {"monolingual", "zero_shot", "fine_tuned"}
    assert "amh+ara" in about["languages"]["rus"]["models"]["zero_shot"]["run"]
    assert len(about["models"]) == 5 + 5 + 2
    assert about["note"] == SAMPLE_NOTE
    assert {path.stem for path in (folder(runtime) / "models").iterdir()} == set(about["models"])


def test_models_travel_outside_the_page(site):
    page = (site[0] / "book" / "_build" / "html" / "tagger.html").read_text(encoding="utf-8")
    published = (site[0] / "book" / "_build" / "source" / "tagger.ipynb").read_text(encoding="utf-8")
    assert 'src="tagger/tagger.js"' in page
    assert "onnx" not in published.replace("to ONNX", "").replace("onnxruntime", "")
    assert len(page) < 200_000


def test_without_the_package_from_npm_the_site_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("POLYNER_CACHE", str(tmp_path / "cache"))
    notes = []
    files = tagger_files(find_book() / SOURCE, {"languages": {}, "models": {}, "note": ""}, tmp_path, notes.append)
    assert set(files) == {"tagger.js", "tagger.css"}
    assert "could not be fetched from npm when it was built" in files["tagger.js"].decode()
    assert len(notes) == 1
    assert "no tagger in the page: onnxruntime-web" in notes[0]
    assert str(tmp_path / "cache") in notes[0]
    assert str(tmp_path) not in files["tagger.js"].decode()


def test_another_file_than_npms_is_not_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("POLYNER_CACHE", str(tmp_path))
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads" / "onnxruntime-web-1.30.0.tgz").write_bytes(b"something else")
    with pytest.raises(NotAvailable, match="could not be fetched from npm"):
        runtime_script(tmp_path / "made")


def test_site_whose_page_was_not_executed_says_so(tmp_path):
    files = tagger_files(find_book() / SOURCE, None, tmp_path)
    assert NO_MODELS in files["tagger.js"].decode()
    assert not any(name.startswith("models/") for name in files)


def test_study_without_the_byte_crf_has_a_page_that_says_so(tmp_path, capsys):
    study = Study(Settings.load("smoke", models=["charner"], runs=str(tmp_path)))
    shown = show_tagger(study, chosen_runs(study))
    assert shown.empty
    assert "name no Byte-CRF: there is nothing to try" in capsys.readouterr().out


def test_models_without_room_are_left_out_in_order(site, monkeypatch, capsys):
    study = Study(Settings.load("smoke", languages=["eng", "spa", "amh", "ara"], runs=str(site[0] / "runs")))
    runs = chosen_runs(study)
    monkeypatch.setattr("polyner.book.tagger.MOST", 45_000)
    shown = show_tagger(study, runs)
    assert 0 < len(shown) < len(runs)
    assert set(shown["regime"]) >= {"polyglot"}
    assert "Left out, to keep the website small: byte-crf-" in capsys.readouterr().out


def test_a_language_without_a_built_in_sample_has_no_sample_sentences():
    corpora = {"fra": Corpus("fra", (sentence("Ada/B-PER vit à Paris/B-LOC"),), (), ())}
    runs = pd.DataFrame([("fra", "monolingual", 50.0, "run")], columns=["language", "regime", "f1", "run"])
    about = about_language("fra", runs, SimpleNamespace(corpora=corpora))
    assert (about["name"], about["samples"], about["frequent"]) == ("French", [], ["vit", "à"])


def test_samples_show_several_types():
    plain, one, two = sentence("it rains"), sentence("Ann/B-PER left"), sentence("Ann/B-PER left Bonn/B-LOC")
    again, long = sentence("Bob/B-PER saw Rome/B-LOC"), sentence("Ann/B-PER " + "x " * 16 + "Bonn/B-LOC")
    assert telling_sentences([plain, one, long, two, again], 3) == [two]
    assert "the" in frequent_words(sample_corpus("eng").train)


def blocked(browser, complaints, **options):
    """A context without a network that notes every complaint of a page."""
    context = browser.new_context(**options)
    context.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    return context


def opened(context, site, name):
    page = context.new_page()
    page.goto((folder(site).parent / f"{name}.html").as_uri())
    page.locator(".polyner-tagger textarea").wait_for()
    return page


def find_names(page, text):
    page.fill(".polyner-tagger textarea", text)
    page.locator(".polyner-tagger textarea").press("Enter")
    page.wait_for_function(
        "/^(Language|Names|Guessed)/.test(document.querySelector('.pt-status').textContent)", timeout=30_000
    )
    return page.locator(".pt-status").inner_text()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_sentences_are_tagged_without_a_network(runtime, browser, width, scheme):
    complaints: list[str] = []
    context = blocked(browser, complaints, viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = opened(context, runtime, "tagger")
    assert page.evaluate("typeof ort") == "undefined"  # nothing heavy before it is asked for
    assert find_names(page, "Ada Lovelace worked in London.").startswith("Language: English. Names found: monolingual")
    assert page.locator(".pt-card").count() == 3
    assert ", then on English · F1" in page.locator(".pt-fine_tuned .pt-facts").inner_text()
    assert page.locator(".pt-card .pt-word").all_inner_texts()[:6] == ["Ada", "Lovelace", "worked", "in", "London", "."]
    page.locator(".pt-lattice summary").nth(1).click()
    table = page.locator(".pt-lattice").nth(1).locator("table")
    table.locator("tbody tr").first.wait_for()
    assert table.locator("tbody tr").count() == 9
    assert table.locator("td.pt-path").count() == 6
    numbers = "row => [...row.cells].slice(1).map(cell => parseFloat(cell.textContent))"
    columns = table.evaluate(f"table => [...table.tBodies[0].rows].map({numbers})")
    assert np.allclose(np.array(columns).sum(axis=0), 1, atol=0.05)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.fill(".polyner-tagger textarea", "")
    assert find_names_of_sample(page, "Arabic").startswith("Language: Arabic.")
    assert page.locator(".pt-card .pt-sentence").first.evaluate("p => getComputedStyle(p).direction") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert complaints == []


def find_names_of_sample(page, name):
    page.get_by_role("group", name="Sample sentences").get_by_role("button", name=name).click()
    page.wait_for_function(f"document.querySelector('.pt-status').textContent.startsWith('Language: {name}')")
    return page.locator(".pt-status").inner_text()


@pytest.mark.browser
def test_browser_and_pytorch_give_the_same_tags_and_marginals(runtime, browser):
    complaints: list[str] = []
    context = blocked(browser, complaints)
    page = opened(context, runtime, "tagger")
    sentences = [list(s.words) for code in ("eng", "ara", "amh", "hin") for s in sample_corpus(code).test[:10]]
    page.evaluate("polynerLoad.runtime()")
    for run in manifest(runtime)["models"]:
        both = Both(load_tagger(runtime[0] / "runs" / run))
        found = page.evaluate(TAG_ALL, [run, sentences])
        for words, answer in zip(sentences, found, strict=True):
            _, tags, shares = both.from_pytorch(words)
            assert answer["path"] == tags
            assert np.abs(np.array(answer["marginals"]) - shares).max() < 1e-4
    context.close()
    assert complaints == []


@pytest.mark.browser
def test_markup_in_a_sentence_stays_text(runtime, browser):
    complaints: list[str] = []
    context = blocked(browser, complaints)
    page = opened(context, runtime, "tagger")
    find_names(page, '<script>document.title="taken"</script> <img src=x onerror="document.title=1"> Paris')
    assert page.locator(".pt-cards :is(script, img)").count() == 0
    assert page.title() != "taken"
    shown = page.locator(".pt-sentence").first.locator(".pt-word").all_text_contents()
    assert shown[:3] == ["<", "script", ">"]
    context.close()
    assert complaints == []


@pytest.mark.browser
def test_keyboard_alone_finds_names_on_the_front_page(runtime, browser):
    complaints: list[str] = []
    context = blocked(browser, complaints, viewport={"width": 390, "height": 800})
    page = opened(context, runtime, "intro")
    page.locator(".polyner-tagger select").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("Unos trabajadores protestaron en Madrid")
    page.keyboard.press("Enter")
    page.wait_for_selector(".pt-card")
    assert page.locator(".pt-status").inner_text().startswith("Language: Spanish.")
    assert page.locator(".pt-lattice").count() == 0
    page.locator(".polyner-tagger select").select_option("rus")
    page.wait_for_function("document.querySelectorAll('.pt-card')[1].textContent.includes('zero-shot')")
    context.close()
    assert complaints == []


@pytest.mark.browser
def test_guess_is_called_one_and_what_no_model_reads_clears_the_old_results(runtime, browser):
    context = blocked(browser, [])
    page = opened(context, runtime, "tagger")
    line = find_names(page, "De koning bezocht Amsterdam en Rotterdam.")  # there is no model of Dutch
    assert line.startswith("Guessed: Spanish; choose another above if that is wrong. Names found:")
    refused = {
        "安倍首相は東京でトヨタを訪問した。": "No model here reads Chinese or Japanese characters: nothing was tagged.",
        " ": "Type a sentence first, or choose a sample.",
    }
    for text, said in refused.items():
        find_names(page, "Ada Lovelace worked in London.")
        assert page.locator(".pt-card, .pt-lattice").count() == 6
        page.fill(".polyner-tagger textarea", text)
        page.get_by_role("button", name="Find the names").click()
        assert page.locator(".pt-status").inner_text() == said
        assert page.locator(".pt-card, .pt-lattice").count() == 0
    context.close()


@pytest.mark.browser
def test_samples_of_languages_with_all_models_come_first_and_alone_on_the_front_page(runtime, browser):
    context = blocked(browser, [])
    offered = {}
    for name in ("tagger", "intro"):
        texts = opened(context, runtime, name).locator(".pt-samples button").all_inner_texts()
        offered[name] = [text.partition(":")[0] for text in texts]
    assert offered["intro"] == ["English", "Amharic", "Arabic"]
    assert offered["tagger"] == [*offered["intro"], "Spanish", "Russian"]
    context.close()


@pytest.mark.browser
def test_page_without_runtime_says_so(runtime, browser, tmp_path, monkeypatch):
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("POLYNER_CACHE", str(tmp_path / "cache"))
    files = tagger_files(find_book() / SOURCE, {"languages": {}, "models": {}, "note": ""}, tmp_path)
    copy = tmp_path / "html"
    shutil.copytree(folder(runtime).parent, copy, ignore=shutil.ignore_patterns("tagger"))
    (copy / "tagger").mkdir()
    for name, content in files.items():
        (copy / "tagger" / name).write_bytes(content)
    page = browser.new_page()
    page.goto((copy / "tagger.html").as_uri())
    page.locator(".pt-problem").wait_for()
    assert "onnxruntime-web could not be fetched from npm" in page.locator(".polyner-tagger").inner_text()
    page.close()
