"""Nothing that is read is ever executed, and no name from outside leads outside."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import polyner
from polyner.book.notebooks import find_book
from polyner.corpora.folder import write_corpus
from polyner.errors import PolynerError
from polyner.findings.study import findings_of
from polyner.runs import RunSpec, RunStore
from polyner.study.protocol import Study
from polyner.study.questions import TABLE_1
from polyner.study.settings import Settings, read_yaml
from tests.conftest import small_corpus

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SOURCES = sorted(
    path for folder in (Path(polyner.__file__).parent, find_book(), BENCHMARKS) for path in folder.rglob("*.py")
)
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "joblib"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "torch.load", "torch.save", "os.system", "os.popen"}
FORBIDDEN_CALLS |= {"pandas.read_pickle", "pd.read_pickle", "numpy.load", "np.load", "shutil.unpack_archive"}
FORBIDDEN_CALLS |= {f"yaml.{name}{all_}" for name in ("load", "unsafe_load", "full_load") for all_ in ("", "_all")}
FORBIDDEN_METHODS = {"extractall", "extract", "to_pickle"}
FORBIDDEN_OPTIONS = {"shell", "allow_pickle", "trust_remote_code"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(path.parents[2])))
def test_no_source_executes_what_it_reads(path):
    check_source(path.read_text(encoding="utf-8"), path)


def test_the_benchmarks_are_looked_at_too():
    assert BENCHMARKS / "others.py" in SOURCES


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from torch import save\nsubprocess.run('x', shell=True)",
        *(f"yaml.{name}(text)" for name in ("load", "load_all", "unsafe_load", "unsafe_load_all")),
        *("yaml.full_load(text)", "yaml.full_load_all(text)", "from yaml import unsafe_load", "archive.extractall()"),
    ],
)
def test_what_is_forbidden_is_found(source):
    with pytest.raises(AssertionError):
        check_source(source, Path("x.py"))
    check_source("yaml.safe_load(text)", Path("x.py"))


def check_source(source, path):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            assert not {name.split(".")[0] for name in names} & FORBIDDEN_MODULES
            origin = getattr(node, "module", None)
            assert not {f"{origin}.{name}" for name in names} & FORBIDDEN_CALLS, f"{path}:{node.lineno}"
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in FORBIDDEN_CALLS, f"{path}:{node.lineno}"
            assert called.rpartition(".")[2] not in FORBIDDEN_METHODS, f"{path}:{node.lineno}"
            options = {keyword.arg for keyword in node.keywords if ast.unparse(keyword.value) != "False"}
            assert not options & FORBIDDEN_OPTIONS, f"{path}:{node.lineno}"


def test_yaml_makes_plain_values_only():
    with pytest.raises(Exception, match="could not determine a constructor"):
        read_yaml("!!python/object/apply:os.getcwd []")
    assert read_yaml("a: [1e-3, no, 2020-11-16]")["a"][0] == 0.001


LEAVING = ["../x", "../../etc/passwd", "/etc/passwd", "a/b", "..", ".", "", "a\0b"]


@pytest.mark.parametrize("name", LEAVING)
def test_names_cannot_leave_the_run_store(polyner_home, name):
    store = RunStore(polyner_home / "runs")
    outside = polyner_home / "x"
    outside.mkdir()
    (outside / "metrics.json").write_text("{}")
    with pytest.raises(PolynerError):
        store.find(name)
    for field in ("model", "languages"):
        spec = RunSpec(
            **{
                **{"model": "byte-crf", "regime": "monolingual", "languages": ("eng",)},
                **{"corpora": {}, "seed": 1, "version": "1.1"},
                field: (f"../{name}",) if field == "languages" else f"../{name}",
            }
        )
        with pytest.raises(PolynerError, match="names no run"):
            store.look_up(spec)
        with pytest.raises(PolynerError, match="names no run"):
            store.get(spec, {})
    assert sorted(path.name for path in polyner_home.iterdir()) == ["corpora", "x"]


@pytest.fixture
def polyner_home(tmp_path):
    write_corpus(tmp_path / "corpora", small_corpus())
    return tmp_path


@pytest.mark.parametrize(
    "parameters",
    [{"models": ["../byte-crf"]}, {"languages": ["../eng"]}, {"profile": "../../x"}, {"seeds": ["../1"]}],
)
def test_parameters_cannot_name_what_is_outside(polyner_home, parameters):
    given = {"profile": "smoke", "corpora": polyner_home / "corpora", "runs": polyner_home / "runs", **parameters}
    with pytest.raises(PolynerError):
        findings_of(Study(Settings.load(**given)), [TABLE_1])
    assert not (polyner_home / "runs").exists()


def test_a_run_under_another_name_is_not_found_through_its_specification(polyner_home):
    study = Study(Settings.load("smoke", corpora=polyner_home / "corpora", runs=polyner_home / "runs"))
    run = study.run("byte-crf", "monolingual", ("eng",), 1)
    assert json.loads((run.folder / "spec.json").read_text())["languages"] == ["eng"]
    assert run.folder.parent == study.store.folder
