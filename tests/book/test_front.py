"""What the front page shows of results: slopes, claims with their verdicts, pictures; and nothing of the sample."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from functools import cache
from html import unescape
from pathlib import Path
from unittest.mock import patch

import nbformat
import papermill
from click.testing import CliRunner
from papermill.cli import papermill as papermill_command

from polyner.book.figures import charts_of, specification, thumbnail
from polyner.book.front import Site, answer, claims_table, front_files, sizes_figure, verdicts_of_run
from polyner.book.notebooks import find_book, read_notebook, sources
from polyner.book.parameters import PageRun, parameter_box, parameters_of
from polyner.book.publish import publish
from polyner.book.verdicts import VERDICT, verdict_data
from polyner.charts.sizes import gains_by_size
from polyner.paper import sizes
from polyner.paper.claims import Verdict, claim, claims
from polyner.runs.spec import REGIMES

BOOK = Site(find_book(), {})
# The studies that test a claim: those of all regimes.
TESTING = [each for each in BOOK.recorded if set(each.results["regime"]) >= {*REGIMES}]
COLLECTIONS = [each.about["corpora"] for each in TESTING]
RECORDED = [each.title for n, each in enumerate(TESTING) if each.about["corpora"] not in COLLECTIONS[:n]]


def page_with(*outputs) -> nbformat.NotebookNode:
    made = [nbformat.v4.new_output("display_data", data) for data in outputs]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=made)])


def page_that_judges(*judged: Verdict) -> nbformat.NotebookNode:
    return page_with({"text/html": "", VERDICT: verdict_data(judged)})


def site(claims_page=None, book: Path | None = None) -> Site:
    made = Site(book or find_book(), {"08-claims": claims_page})
    if book is None:  # What is recorded is read and judged once.
        vars(made).update(recorded=BOOK.recorded, verdicts=BOOK.verdicts)
    return made


@cache
def recorded_verdicts() -> dict[str, list[Verdict]]:
    """The verdicts on each of `TESTING`, by its title."""
    found = {each.title: judged for each, judged in BOOK.verdicts}
    return {each.title: found[each.title] for each in TESTING}


def test_the_figure_has_all_recorded_studies_and_a_table_of_its_gains():
    files = sizes_figure(site())
    html = files["front/sizes.html"].decode()
    assert {Path(name).suffix for name in files} == {".html", ".svg", ".csv"}
    assert all(name in html for name in RECORDED)
    assert "<details" in html
    (svg,) = (content.decode() for name, content in files.items() if name.endswith(".svg"))
    assert "undefined" not in svg
    # Each study has a shape of its own, of which something is left when it is filled and not stroked.
    spec = specification(html)
    (shapes,) = (layer["encoding"]["shape"]["scale"] for layer in spec["layer"] if "shape" in layer["encoding"])
    assert len(set(shapes["range"])) == len(shapes["domain"])
    assert "stroke" not in shapes["range"]


def test_every_claim_links_to_its_place_with_the_recorded_verdict():
    html = claims_table(site())
    for each in claims():
        assert f'href="08-claims.html#claim-{each.id}"' in html
    assert html.count('class="verdict ') == len(claims()) * len(RECORDED)
    columns = re.findall(r'<th role="columnheader" scope="col">(.*?)</th>', html)
    assert columns == ["section", "claim", *RECORDED]
    assert html.count('scope="row"') == len(claims())


def test_what_the_largest_study_did_not_run_is_judged_on_the_next_which_is_named():
    (judged,) = [found for found in site().judged.values() if found["baselines-transitions"]["verdict"] != "not run"]
    of, *_ = judged["baselines-transitions"]["beside"]
    assert of in {each.title for each in TESTING} - {*RECORDED}
    assert f"; {of}</small>" in claims_table(site()) or f"<small>{of}</small>" in claims_table(site())
    assert not {each.title for each in TESTING} & {*judged["finetune-beats-mono"]["beside"]}
    assert not any(each["beside"] for each in judged.values() if each["verdict"] == "not run")


def test_what_a_smaller_study_decides_otherwise_is_said():
    found = {title: {one.claim.id: one.name for one in judged} for title, judged in recorded_verdicts().items()}
    (largest,) = [title for title in RECORDED if f"{title}, 800 sentences" in found]
    smaller = found[f"{largest}, 800 sentences"]["baselines-polyglot-worse"]
    assert smaller != found[largest]["baselines-polyglot-worse"]
    assert f"{largest}, 800 sentences: {smaller}" in claims_table(site())


def test_the_answer_counts_every_claim_once():
    text = answer(site())
    yes, no, both = (
        int(number) for number in re.search(r"claims, (\d+) holds? .*?\), (\d+) in none, and (\d+) in", text).groups()
    )
    decided = [
        {each.name for each in judged} & {"holds", "holds in part", "does not hold"}
        for judged in zip(*recorded_verdicts().values(), strict=True)
    ]
    contradicted = ["does not hold" in names and len(names) > 1 for names in decided]
    assert both == sum(contradicted)
    assert yes + no + both == sum(map(bool, decided))
    assert no == sum(names == {"does not hold"} for names in decided)
    told = [
        [judged[place].name for judged in recorded_verdicts().values() if judged[place].name in decided[place]]
        for place in range(len(decided))
    ]
    assert f"({sum(set(names) == {'holds in part'} for names in told)} only in part, " in text
    assert f"; {sum(len(names) == 1 for names in told)} of these are decided by one study alone" in text


def test_the_answer_says_what_is_left_of_the_gains_with_more_dropout():
    told = re.findall(
        r"With a dropout of 0.5 in all regimes, on (.*?), polyglot training .*? and fine-tuning", answer(site())
    )
    tried = [
        each
        for each in BOOK.recorded
        if set(each.results["regime"][each.results["variant"] == "more_dropout"]) >= {*REGIMES}
    ]
    assert told == [each.title for each in tried]
    means = tried[0].results.query("variant == 'more_dropout' and split == 'test'").groupby("regime")["f1"].mean()
    assert f"{means['polyglot'] - means['monolingual']:+.1f} (" in answer(site())


def test_verdicts_are_counted_in_words():
    judged = [Verdict(each, "holds" if n < 7 else "does not hold") for n, each in enumerate(claims()[:10])]
    assert "<li>this run: 7 hold, 3 do not hold</li>" in claims_table(site(page_that_judges(*judged)))


def test_an_undecided_verdict_says_why():
    found = [each for title in RECORDED for each in recorded_verdicts()[title] if each.verdict == "undecided"]
    page = page_that_judges(Verdict(claims()[0], "undecided", reason="one sole seed"))
    told = [unescape(text) for text in re.findall("<small>(.*?)</small>", claims_table(site(page)))]
    assert sum("one sole seed" in text for text in told) == 1
    assert found
    for each in found:
        assert any(each.reason in text for text in told)


def test_this_runs_verdicts_stand_beside_where_they_are_evidence():
    judged = Verdict(claim("finetune-beats-mono"), "holds")
    page = page_that_judges(judged)
    assert verdicts_of_run(page)["finetune-beats-mono"]["verdict"] == "holds"
    html = claims_table(site(page))
    assert html.count('class="verdict ') == len(claims()) * (len(RECORDED) + 1)
    assert set(re.findall(r'scope="col">(.*?)</th>', html)) == {"section", "claim", "this run", *RECORDED}
    assert "<li>this run: 1 holds</li>" in html


def test_sample_verdicts_are_left_out_and_that_is_said():
    judged = Verdict(claim("finetune-beats-mono"), "holds", sample=True)
    html = claims_table(site(page_that_judges(judged)))
    assert "this run" not in html
    assert "no evidence" in html


def test_recorded_samples_are_left_out(tmp_path):
    book = tmp_path / "book"
    shutil.copytree(find_book() / "results", book / "results")
    for path in (book / "results").glob("*/about.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "sample": True}))
    assert 'class="verdict ' not in claims_table(site(book=book))
    assert "<code>" not in sizes_figure(site(book=book))["front/sizes.html"].decode()


def test_only_what_a_page_names_is_made(tmp_path):
    files = front_files(
        Site(tmp_path, {"models/word": None}), ["![](front/thumbnails/models-word.png) front/nothing.md"]
    )
    assert list(files) == ["front/thumbnails/models-word.png"]
    assert files["front/thumbnails/models-word.png"].startswith(b"\x89PNG")


def test_the_thumbnail_of_the_claims_is_of_all_verdicts():
    name = "front/thumbnails/08-claims.png"
    assert front_files(site(), [name])[name].startswith(b"\x89PNG")


def test_thumbnails_are_made_of_the_first_chart_and_kept(tmp_path):
    chart = gains_by_size(sizes.gains_by_size(()))
    page = page_with({"text/html": "<p>text</p>"}, chart._repr_mimebundle_())
    ((_, spec),) = charts_of(page)
    assert spec["$schema"].startswith("https://vega")
    picture = thumbnail(spec, tmp_path)
    assert picture.startswith(b"\x89PNG")
    assert 1000 < len(picture) < 40_000
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"kept")
    assert thumbnail(spec, tmp_path) == b"kept"


def test_the_parameter_box_has_all_parameters_and_the_command():
    for page in sources(find_book()):
        notebook = read_notebook(page)
        (cell,) = (cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
        box = parameter_box(page.name, cell, PageRun()).source
        assert f"papermill book/{page.name}.ipynb out.ipynb\n" in box
        assert all(f"<code>{each.name}</code>" in box for each in parameters_of(notebook))
    (first, *_) = parameters_of(notebook)
    assert first == ("profile", "str", '"quick"', "smoke, quick, laptop, paper, or a path to a .yml file")


def executed_with(page: str, tmp_path: Path, **given) -> nbformat.NotebookNode:
    """The page as papermill leaves it, without its outputs."""
    source = next(each for each in sources(find_book()) if each.name == page)
    nbformat.write(read_notebook(source), tmp_path / "in.ipynb")
    return papermill.execute_notebook(tmp_path / "in.ipynb", None, parameters=given, prepare_only=True)


def box_of(page: str, notebook: nbformat.NotebookNode) -> str:
    return next(cell.source for cell in publish(notebook, page=page).cells if cell.get("id") == "page-parameters")


GIVEN = {"profile": "smoke", "corpora": "my corpora", "seeds": [3, 4], "training": {"batch_size": 8}, "device": "1"}


def test_the_box_has_the_commands_of_this_run_and_of_another(tmp_path):
    box = box_of("02-baselines", executed_with("02-baselines", tmp_path, **GIVEN))
    again, other = (line for line in box.splitlines() if line.startswith("papermill "))
    for line, seeds in ((again, [3, 4]), (other, [5])):
        with patch("papermill.cli.execute_notebook") as execute:
            done = CliRunner().invoke(papermill_command, shlex.split(line)[1:])
        assert done.exit_code == 0, done.output
        assert execute.call_args.kwargs["parameters"] == {**GIVEN, "seeds": seeds}


def test_a_page_without_seeds_is_offered_with_fewer_languages(tmp_path):
    box = box_of("models/word-crf", executed_with("models/word-crf", tmp_path, profile="smoke"))
    assert "papermill book/models/word-crf.ipynb out.ipynb -p profile smoke\n" in box
    assert "-p profile smoke -y '{languages: [eng, spa, amh]}'" in box


def test_the_box_has_the_values_of_this_run(tmp_path):
    notebook = executed_with("02-baselines", tmp_path, profile="smoke", seeds=[7])
    box = box_of("02-baselines", notebook)
    assert "<td><code>[7]</code></td>" in box
    assert "as the profile: <code>[eng, spa, amh, swa, yor]</code>" in box
    assert "as the profile: <code>60</code>" in box
    # A profile that has changed since says nothing of this run, nor one that is gone.
    notebook.metadata["polyner"] = {"parameters": "of another profile"}
    assert "as the profile:" not in box_of("02-baselines", notebook)
    gone = executed_with("02-baselines", tmp_path, profile="gone.yml")
    assert "-p profile gone.yml\n" in box_of("02-baselines", gone)
    assert "as the profile:" not in box_of("02-baselines", gone)
