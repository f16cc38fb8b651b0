"""The tagger in the page: what is shipped with the site, and what it does in a browser without a network."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from polyner.book import build_book
from polyner.book.notebooks import find_book
from polyner.book.tagger import MIME, SOURCE, shipped_taggers, show_tagger, tagger_files
from polyner.corpora.folder import write_corpus
from polyner.corpora.sample import sample_corpus
from polyner.models import load_tagger
from polyner.study.plan import look_up
from polyner.study.protocol import Study
from polyner.study.settings import Settings
from polyner.taggers.collection import Collection
from polyner.taggers.export import export_study, export_tagger

from .conftest import CONFIG

LANGUAGES = ["eng", "spa", "amh", "ara", "rus"]
TOC = "format: jb-book\nroot: intro\nchapters:\n  - file: tagger\n  - file: models/word-crf\n"
INTRO = '# A book\n\n<div class="polyner-tagger" data-small></div>\n<script defer src="tagger/tagger.js"></script>\n'

TAG_ALL = """async ([run, sentences]) => {
    const answers = [];
    for (const words of sentences) answers.push(await polynerLoad.tag(run, words, "eng"));
    return answers;
}"""


def settings_of(root: Path, **given) -> Settings:
    """Those of the site's run: on the sample's sentences, but in files that do not say so."""
    given = {"languages": LANGUAGES, "corpora": str(root / "corpora"), "runs": str(root / "runs"), **given}
    return Settings.load("smoke", **given)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The page of the taggers, of a run in five languages and of the package, and a front page with the small one,
    built strictly."""
    root = tmp_path_factory.mktemp("taggers")
    for code in LANGUAGES:
        write_corpus(root / "corpora", sample_corpus(code))
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
    overrides = {"languages": LANGUAGES, "runs": str(root / "runs")}
    corpora, console = str(root / "corpora"), Console(file=text, width=200)
    result = build_book("smoke", corpora, None, overrides, book=book, strict=True, console=console)
    return root, result, text.getvalue()


def folder(site) -> Path:
    return site[0] / "book" / "_build" / "html" / "tagger"


def manifest(script: bytes) -> list[dict]:
    first = script.decode().splitlines()[0]
    return json.loads(first.removeprefix("globalThis.polynerTaggers = ").removesuffix(";"))


def test_every_language_at_hand_has_its_models_and_a_novel_one_the_polyglot_one(site):
    assert site[1].problem == "", site[2]
    about, shipped = manifest((folder(site) / "tagger.js").read_bytes())
    assert (about["title"], shipped["title"]) == ("this run", Collection.open().about["title"])
    regimes = {code: set(language["models"]) for code, language in about["languages"].items()}
    assert list(regimes) == ["eng", "spa", "amh", "ara", "rus"]
    for code in ("eng", "spa", "amh", "ara"):
        assert regimes[code] == {"monolingual", "polyglot", "fine_tuned"}
    assert regimes["rus"] == {"monolingual", "zero_shot", "fine_tuned"}
    assert "amh+ara" in about["languages"]["rus"]["models"]["zero_shot"]["run"]
    assert len(about["models"]) == 5 + 5 + 2
    assert {path.stem for path in (folder(site) / "models").iterdir()} == {*about["models"], *shipped["models"]}


def test_models_travel_outside_the_page(site):
    page = (site[0] / "book" / "_build" / "html" / "tagger.html").read_text(encoding="utf-8")
    published = (site[0] / "book" / "_build" / "source" / "tagger.ipynb").read_text(encoding="utf-8")
    assert 'src="tagger/tagger.js"' in page
    assert '"weights"' not in published
    assert len(page) < 200_000


def test_site_whose_page_was_not_executed_has_the_packages_taggers():
    files = tagger_files(find_book() / SOURCE, None)
    assert [each["title"] for each in manifest(files["tagger.js"])] == [Collection.open().about["title"]]


def test_study_without_the_byte_crf_has_a_page_that_says_so(site, capsys):
    shown = show_tagger(Study(settings_of(site[0], models=["charner"])))
    assert set(shown["taggers"]) == {Collection.open().about["title"]}
    assert "name no Byte-CRF: there is nothing to try" in capsys.readouterr().out


def test_a_run_on_the_sample_shows_the_packages_taggers_alone(tmp_path, capsys):
    shown = show_tagger(Study(Settings.load("smoke", languages=["eng"], runs=str(tmp_path))))
    assert set(shown["taggers"]) == {Collection.open().about["title"]}
    assert not list(tmp_path.glob("byte-crf*"))  # nothing was trained
    assert MIME not in capsys.readouterr().out


def test_models_without_room_are_left_out_in_order(site, monkeypatch, capsys):
    monkeypatch.setattr("polyner.book.tagger.MOST", 60_000)
    shown = show_tagger(Study(settings_of(site[0], languages=LANGUAGES[:4])))
    shown = shown[shown["taggers"] == "this run"]
    assert shown["polyglot"].notna().all()
    assert shown[["monolingual", "fine_tuned"]].isna().any(axis=None)
    assert "Left out, to keep the website small: byte-crf-" in capsys.readouterr().out


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
def test_sentences_are_tagged_without_a_network(site, browser, width, scheme):
    complaints: list[str] = []
    context = blocked(browser, complaints, viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = opened(context, site, "tagger")
    assert page.evaluate("Object.keys(polynerModels)") == []  # nothing heavy before it is asked for
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
def test_browser_and_pytorch_give_the_same_tags_and_marginals(site, browser, tmp_path):
    complaints: list[str] = []
    context = blocked(browser, complaints)
    page = opened(context, site, "tagger")
    sentences = [list(s.words) for code in ("eng", "ara", "amh", "hin") for s in sample_corpus(code).test[:10]]
    for run in manifest((folder(site) / "tagger.js").read_bytes())[0]["models"]:
        export_tagger(load_tagger(site[0] / "runs" / run), tmp_path / run)
        tagger = load_tagger(tmp_path / run)
        found = page.evaluate(TAG_ALL, [run, sentences])
        tagged, marginals = tagger.tag(sentences), tagger.marginals(sentences)
        for tags, shares, answer in zip(tagged, marginals, found, strict=True):
            assert [answer["tags"][at] for at in answer["path"]] == tags
            assert np.abs(np.array(answer["marginals"]) - shares.numpy()).max() < 1e-4
    context.close()
    assert complaints == []


@pytest.mark.browser
def test_markup_in_a_sentence_stays_text(site, browser):
    complaints: list[str] = []
    context = blocked(browser, complaints)
    page = opened(context, site, "tagger")
    find_names(page, '<script>document.title="taken"</script> <img src=x onerror="document.title=1"> Paris')
    assert page.locator(".pt-cards :is(script, img)").count() == 0
    assert page.title() != "taken"
    shown = page.locator(".pt-sentence").first.locator(".pt-word").all_text_contents()
    assert shown[:3] == ["<", "script", ">"]
    context.close()
    assert complaints == []


@pytest.mark.browser
def test_keyboard_alone_finds_names_on_the_front_page(site, browser):
    complaints: list[str] = []
    context = blocked(browser, complaints, viewport={"width": 390, "height": 800})
    page = opened(context, site, "intro")
    page.get_by_label("Language").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("Unos trabajadores protestaron en Madrid")
    page.keyboard.press("Enter")
    page.wait_for_selector(".pt-card")
    assert page.locator(".pt-status").inner_text().startswith("Language: Spanish.")
    assert page.locator(".pt-lattice").count() == 0
    page.get_by_label("Language").select_option("rus")
    page.wait_for_function("document.querySelectorAll('.pt-card')[1].textContent.includes('zero-shot')")
    context.close()
    assert complaints == []


@pytest.mark.browser
def test_guess_is_called_one_and_what_no_model_reads_clears_the_old_results(site, browser):
    context = blocked(browser, [])
    page = opened(context, site, "tagger")
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
def test_samples_of_languages_with_all_models_come_first_and_alone_on_the_front_page(site, browser):
    context = blocked(browser, [])
    offered = {}
    for name in ("tagger", "intro"):
        texts = opened(context, site, name).locator(".pt-samples button").all_inner_texts()
        offered[name] = [text.partition(":")[0] for text in texts]
    assert offered["intro"] == ["English", "Amharic", "Arabic"]
    assert offered["tagger"] == [*offered["intro"], "Spanish", "Russian"]
    context.close()


@pytest.fixture(scope="module")
def two_studies(site, tmp_path_factory):
    """A page with the taggers of a run in one language, and of the package in five."""
    folder = tmp_path_factory.mktemp("shipped")
    export_study(Study(settings_of(site[0]), policy=look_up), folder / "taggers", "The package's")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POLYNER_TAGGERS", str(folder / "taggers"))
        shipped = shipped_taggers()
        run = {**shipped, "title": "this run", "languages": {"spa": shipped["languages"]["spa"]}}
        for path, content in tagger_files(find_book() / SOURCE, run).items():
            (folder / "tagger" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "tagger" / path).write_bytes(content)
    (folder / "tagger.html").write_text(f'<meta charset="utf-8">{INTRO}', encoding="utf-8")
    return folder


@pytest.mark.browser
def test_the_taggers_of_two_studies_are_a_choice(two_studies, browser):
    page = browser.new_page()
    page.goto((two_studies / "tagger.html").as_uri())
    studies, languages = page.get_by_label("Taggers"), page.get_by_label("Language")
    assert studies.locator("option").all_inner_texts() == ["this run", "The package's"]
    assert languages.locator("option").all_inner_texts() == ["Detect the language", "Spanish"]
    languages.select_option("spa")
    find_names(page, "Ana trabaja en Madrid.")
    studies.select_option("The package's")
    assert len(languages.locator("option").all_inner_texts()) == 6
    assert languages.input_value() == "spa"
    page.wait_for_function("document.querySelector('.pt-status').textContent.startsWith('Names found')")
    languages.select_option("rus")
    page.wait_for_function("document.querySelectorAll('.pt-card')[1].textContent.includes('zero-shot')")
    page.close()
