"""The package's own taggers in the page: real sentences in many languages and scripts, language detected."""

import pytest

from polyner.book.notebooks import find_book
from polyner.book.tagger import SOURCE, examples, tagger_files
from polyner.corpora.languages import language_name
from polyner.taggers.collection import SHIPPED, Collection

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not SHIPPED.is_dir(), reason="this copy of the package has no taggers"),
]
# What the polyglot tagger of the language's group finds: all that there is.
SENTENCES = {
    "eng": (
        "Toni Morrison taught at Princeton University before she moved to New York.",
        ["Toni Morrison PER", "Princeton University ORG", "New York LOC"],
    ),
    "deu": (
        "Der FC Bayern München verlor am Samstag in Dortmund mit eins zu zwei.",
        ["FC Bayern München ORG", "Dortmund LOC"],
    ),
    "nld": ("Ajax speelt zondag thuis tegen Feyenoord.", ["Ajax ORG", "Feyenoord ORG"]),
    "amh": ("ጠቅላይ ሚኒስትር ዐቢይ አሕመድ ትናንት ወደ ናይሮቢ ተጓዙ።", ["ዐቢይ አሕመድ PER", "ናይሮቢ LOC"]),
    "ara": (
        "زار الرئيس المصري عبد الفتاح السيسي باريس يوم الاثنين.",
        ["عبد الفتاح السيسي PER", "باريس LOC"],
    ),
    "fas": ("عباس کیارستمی در تهران به دنیا آمد.", ["عباس کیارستمی PER", "تهران LOC"]),
    "hun": (
        "Orbán Viktor kedden Brüsszelben tárgyalt az Európai Bizottság elnökével.",
        ["Orbán Viktor PER", "Brüsszelben LOC", "Európai Bizottság ORG"],
    ),
    "ind": (
        "Mahasiswa Universitas Gadjah Mada berkumpul di Yogyakarta.",
        ["Universitas Gadjah Mada ORG", "Yogyakarta LOC"],
    ),
    "swa": (
        "Rais Samia Suluhu Hassan alikutana na viongozi wa Umoja wa Afrika mjini Dodoma.",
        ["Samia Suluhu Hassan PER", "Umoja wa Afrika ORG", "Dodoma LOC"],
    ),
}
ENTITIES = """marks => marks.map(mark => [...mark.querySelectorAll(".pt-word")].map(word => word.textContent).join(" ")
    + " " + [...mark.classList].find(name => name.startsWith("pt-") && name !== "pt-entity").slice(3))"""


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shipped")
    for name, content in tagger_files(find_book() / SOURCE, None).items():
        (folder / "tagger" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "tagger" / name).write_bytes(content)
    body = '<div class="polyner-tagger"></div><script defer src="tagger/tagger.js"></script>'
    (folder / "page.html").write_text(f'<!doctype html><meta charset="utf-8">{body}', encoding="utf-8")
    page = browser.new_page()
    page.goto((folder / "page.html").as_uri())
    page.locator("textarea").wait_for()
    yield page
    page.close()


@pytest.mark.parametrize("code", SENTENCES)
def test_a_real_sentence_is_tagged_in_the_language_it_is_in(page, code):
    text, entities = SENTENCES[code]
    page.fill("textarea", text)
    page.locator("textarea").press("Enter")
    said = rf"/^(Language|Guessed): {language_name(code)}/"
    page.wait_for_function(f"{said}.test(document.querySelector('.pt-status').textContent)", timeout=60_000)
    assert page.locator(".pt-polyglot mark").evaluate_all(ENTITIES) == entities


def test_every_language_has_sentences_to_try(page):
    for code, language in Collection.open().languages.items():
        assert len(examples()[code]) >= 2
        page.get_by_label("Language").select_option(code)
        assert page.locator(".pt-samples button").all_inner_texts() == examples()[code], language["name"]
