"""README: every command in it is run, its code is executed, and its Table 1 is what the records give.

What needs a network, hours or gigabytes is run in another way here: STAND_INS says what, how and why.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from papermill.cli import papermill

from polyner.book.notebooks import sources
from polyner.findings.files import all_recorded, recorded
from polyner.paper.marked import BEGIN, END, averages_as_markdown, write_into
from polyner.study.settings import book_folder
from tests.cli.conftest import polyner  # noqa: F401
from tests.cli.test_corpora_fetch import hub  # noqa: F401
from tests.cli.test_corpora_fetch_open import repositories  # noqa: F401
from tests.cli.test_corpora_import import official, pack  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTIONS = re.split(r"^## ", README, flags=re.M)[1:]

# A pattern, what stands in for it here, and why.
STAND_INS = [
    (r"^make\b", "make --dry-run", "would download gigabytes and test itself; what it would do is looked at"),
    (r"^source .*", "", "make makes the environment; the tests run in theirs"),
    (r"fetch wikiann", "fetch wikiann som", "the hub of the tests has Somali only"),
    (r"corpora sample", "corpora sample -l eng -l spa", "two languages will do"),
    (r"PACKAGE\.tgz", "{pack}", "a small package in LORELEI's layout"),
    (r"\bFOLDER\b", "{official}", "small files with the shared tasks' names"),
    (r"^(polyner sweep (?!.*dry-run).*)$", r"\1 --dry-run", "hours; the slow test sweeps the profile smoke"),
    (r"^polyner record .*", "polyner record --list", "there are no runs of this profile; the slow test records some"),
    (r"mine-laptop", "{recorded}", "what record makes, where it has runs"),
    (r"--profile quick", "--profile smoke", "minutes; the slow test takes the profile as it is"),
    (r"\bRUN\b", "{run}", "the run that the line before trained"),
    (r"^papermill book.*", "", "the slow test executes the page"),
    (r"^polyner book.*", "", "the slow test executes the page"),
    (r"^jupyter-book.*", "", "the slow test builds the website"),
]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.M | re.S)


def commands(text: str) -> list[str]:
    """The lines of all bash blocks without their comments."""
    lines = [re.sub(r"\s+# .*", "", line) for block in blocks(text, "bash") for line in block.splitlines()]
    return [line for line in lines if line.strip()]


def stand_in(line: str) -> str:
    for pattern, instead, _ in STAND_INS:
        line = re.sub(pattern, instead, line)
    return line


@pytest.fixture
def shell(polyner, pack, official, tmp_path, monkeypatch):  # noqa: F811
    """Run a line in an empty folder, `polyner` in this process; raises where it fails."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLYNER_RUNS", str(tmp_path / "runs"))
    with tarfile.open(tmp_path / "PACKAGE.tgz", "w:gz") as archive:
        archive.add(pack, "pack")
    known = {"pack": "PACKAGE.tgz", "official": str(official), "recorded": all_recorded()[0].name}

    def run(line: str) -> str:
        if "{run}" in line:
            known["run"] = next(path.name for path in (tmp_path / "runs").glob("byte-crf-fine_tuned-*"))
        text = ""
        for command in filter(None, line.format(**known).split(" | ")):
            name, *arguments = shlex.split(command)
            if name == "polyner":
                answer = polyner(*arguments, stdin=text)
                assert answer.code == 0, f"{command}: {answer.err}"
                text = answer.out
            elif name == "papermill":
                monkeypatch.chdir(ROOT)
                text = CliRunner().invoke(papermill, arguments, catch_exceptions=False).output
                monkeypatch.chdir(tmp_path)
            else:
                assert name in ("make", "echo"), f"nothing here runs {command!r}"
                done = subprocess.run([name, *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
                text = done.stdout
        return text

    return run


WITH_COMMANDS = [section for section in SECTIONS if commands(section)]


@pytest.mark.parametrize("section", WITH_COMMANDS, ids=[section.partition("\n")[0] for section in WITH_COMMANDS])
def test_commands_of_a_section_run(section, shell, hub, repositories):  # noqa: F811
    for line in commands(section):
        text = shell(stand_in(line))
        if line.startswith("make book"):
            profile = "laptop" if "laptop" in line else "quick"
            assert f"polyner book --profile {profile}" in text
        if "--help-notebook" in line:
            assert "seeds: list" in text
        if line.startswith("make test"):
            assert "-m pytest" in text


def test_every_stand_in_stands_for_something():
    for pattern, _, why in STAND_INS:
        assert why
        assert any(re.search(pattern, line) for line in commands(README)), pattern


@pytest.mark.parametrize(
    "profile", ["smoke", pytest.param("quick", marks=pytest.mark.slow)], ids=["as in the tests", "as it stands"]
)
def test_code_runs(profile, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("POLYNER_RUNS", str(tmp_path))
    shipped, code = blocks(README, "python")
    assert '"quick"' in code
    assert len([line for line in code.splitlines() if line]) <= 10
    exec(compile(shipped, "README.md", "exec"), {})
    assert "'B-PER', 'I-PER', 'O', 'O', 'B-LOC', 'O'" in capsys.readouterr().out
    exec(compile(code.replace('"quick"', f'"{profile}"'), "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "fine_tuned" in printed
    assert re.search(r"\[\[?\(?'[BIO]", printed)


@pytest.mark.slow
def test_pages_are_executed_as_it_says(tmp_path, monkeypatch):
    import shutil

    shutil.copytree(book_folder(), tmp_path / "book", ignore=shutil.ignore_patterns("_build"))
    shutil.copy(ROOT / "_config.yml", tmp_path)
    monkeypatch.setenv("POLYNER_BOOK", str(tmp_path / "book"))
    monkeypatch.setenv("POLYNER_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    *lines, by_itself = [
        line for line in commands(README) if re.match(r"papermill book|polyner book|jupyter-book", line)
    ]
    assert len(lines) == 2
    for line in lines:
        name, *arguments = shlex.split(line)
        module = ["-m", "papermill"] if name == "papermill" else ["-c", "from polyner.cli import main; exit(main())"]
        subprocess.run([sys.executable, *module, *arguments], cwd=tmp_path, check=True)
    assert (tmp_path / "out.ipynb").is_file()
    page = tmp_path / "book" / "_build" / "html" / "02-baselines.html"
    published = page.read_text(encoding="utf-8").partition("<article")[2]
    page.unlink()
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    subprocess.run(["bash", "-c", by_itself], cwd=tmp_path, check=True)
    assert published
    assert page.read_text(encoding="utf-8").partition("<article")[2] == published


@pytest.mark.slow
def test_a_study_is_swept_recorded_and_judged_as_it_says(shell, tmp_path, monkeypatch):
    shell("polyner corpora sample --out open")
    section = next(each for each in SECTIONS if "polyner record " in each)
    lines = [line for line in commands(section) if re.match(r"polyner (sweep|record|claims)", line)]
    assert len(lines) == 4
    for line in lines:
        line = line.replace("laptop", "smoke").replace("mine-smoke", str(tmp_path / "out" / "mine"))
        line = line.replace(f"--name {tmp_path}/out/mine", f"--name mine --out {tmp_path}/out")
        shell(line)
    assert (tmp_path / "out" / "mine" / "about.json").is_file()


def test_table_1_is_what_the_records_give():
    table = README.partition(BEGIN)[2].partition(END)[0].strip()
    assert table == averages_as_markdown(all_recorded()), "write it anew: polyner table1 --into README.md"


@pytest.mark.parametrize("text", ["README.md", "book/02-baselines.py"])
def test_what_regimes_gain_by_size_is_what_the_records_give(text):
    lines = {line.removeprefix("# ") for line in (ROOT / text).read_text(encoding="utf-8").splitlines()}
    for name, size in [("conll-200", "200"), ("conll-800", "800"), ("conll-2500", "2,500"), ("conll", "5,000")]:
        gains = recorded(name).contrasts.gains()
        assert gains["regime"].tolist() == ["polyglot", "fine_tuned"]
        told = [f"{row.difference:+.1f} ({row.low:.1f} to {row.high:+.1f})" for row in gains.itertuples()]
        # A plus is written where the interval crosses 0.
        told = [each if "(-" in each else each.replace(" +", " ") for each in told]
        cells = " | ".join([size, f"{gains['first'].iloc[0]:.1f}", *told]).replace("-", "−")
        assert f"| {cells} |" in lines


@pytest.mark.parametrize("name", [each.name for each in all_recorded() if not each.sample])
def test_every_recorded_study_is_explained_above_table_1(name):
    assert f"[`{name}`](book/profiles/{name}.yml)" in README.partition(BEGIN)[0]


def test_a_table_is_written_between_its_marks_only(tmp_path):
    file = tmp_path / "text.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert write_into(file, "new")
    assert file.read_text() == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert not write_into(file, "new")


def test_every_page_of_the_book_is_in_its_table():
    toc = yaml.safe_load((book_folder() / "_toc.yml").read_text(encoding="utf-8"))
    prose = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    named = {page.name for page in sources(book_folder()) if "/" not in page.name} | {
        name for name in prose if (book_folder() / f"{name}.md").is_file()
    }
    for name in named:
        suffix = "py" if (book_folder() / f"{name}.py").is_file() else "md"
        assert f"[{name}](book/{name}.{suffix})" in README, name


def test_what_it_links_to_is_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_it_cites_the_paper_as_the_bibliography_does():
    (entry,) = blocks(README, "bibtex")
    assert entry in (book_folder() / "references.bib").read_text(encoding="utf-8")
    assert entry in (book_folder() / "bibliography.md").read_text(encoding="utf-8")
