"""environment.yml, pyproject.toml and requirements.lock describe the same environment."""

from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10; a dependency of pytest there
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
CONDA_NAMES = {"pytorch": "torch"}
FOR_CONDA_USERS = ("book", "mbert")

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCK = [Requirement(line) for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()]


def requirements(extras):
    lines = PROJECT["dependencies"] + [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    here = (r for r in map(Requirement, lines) if r.marker is None or r.marker.evaluate())
    return {canonicalize_name(r.name): r.specifier for r in here}


def conda_specs():
    return [item for item in CONDA["dependencies"] if isinstance(item, str)]


def pip_specs():
    (pip,) = (item["pip"] for item in CONDA["dependencies"] if isinstance(item, dict))
    return [line for line in pip if line != "-e ."]


def test_environment_yml_has_pyprojects_requirements_and_no_others():
    given = {}
    for line in conda_specs() + pip_specs():
        requirement = Requirement(line)
        given[canonicalize_name(CONDA_NAMES.get(requirement.name, requirement.name))] = requirement.specifier
    assert str(given.pop("python")) == PROJECT["requires-python"]
    given.pop("pip")
    assert given == requirements(FOR_CONDA_USERS)


def test_environment_yml_is_made_of_valid_conda_specifications():
    rattler = pytest.importorskip("rattler")
    names = [rattler.MatchSpec(line).name.normalized for line in conda_specs()]
    assert len(names) == len(set(names)) > 10


def test_environment_yml_installs_the_package_itself():
    assert any(isinstance(item, dict) and "-e ." in item["pip"] for item in CONDA["dependencies"])


def test_the_lock_has_one_version_of_everything_that_pyproject_asks_for():
    environment = default_environment()
    locked = {}
    for line in LOCK:
        if line.marker is None or line.marker.evaluate(environment):
            name = canonicalize_name(line.name)
            assert name not in locked, f"{name} is locked twice"
            locked[name] = line.specifier
            assert [s.operator for s in line.specifier] == ["=="], f"{line} is no exact version"
    for name, wanted in requirements(PROJECT["optional-dependencies"]).items():
        (version,) = (s.version for s in locked[name])
        assert version in wanted, f"{name} {version} is locked, pyproject asks for {wanted}"


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13"])
def test_the_lock_pins_torch_on_every_python(python):
    environment = {**default_environment(), "python_version": python, "python_full_version": f"{python}.1"}
    torch = [r for r in LOCK if r.name == "torch" and (r.marker is None or r.marker.evaluate(environment))]
    assert [str(r.specifier) for r in torch] == ["==2.13.0"]


def test_the_lock_names_no_place_to_download_from():
    assert not any(line.url for line in LOCK)


def test_the_build_needs_are_locked():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    assert {canonicalize_name(Requirement(r).name) for r in build} <= {canonicalize_name(r.name) for r in LOCK}
