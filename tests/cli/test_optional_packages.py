"""Packages that only some commands need: without one, a line says how to install it, before anything else is done."""

from __future__ import annotations

import sys

import pytest
from packaging.requirements import Requirement

from tests.test_environment import PROJECT


@pytest.mark.parametrize(
    ("arguments", "package", "extra"),
    [
        (("corpora", "fetch", "wikiann", "eng"), "pyarrow", "parquet"),
        (("corpora", "sample", "--languages", "eng"), "faker", "book"),
        (("sweep", "--profile", "smoke", "--page", "02-baselines", "--ray", "local"), "ray", "ray"),
        (("sweep", "--profile", "smoke", "--page", "02-baselines", "--slurm"), "submitit", "slurm"),
    ],
)
def test_a_command_names_the_package_that_it_needs(polyner, tmp_path, monkeypatch, arguments, package, extra):
    from polyner.corpora.sample import names

    names.faker_of.cache_clear()
    for module in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, package, None)
    out = ("--out", tmp_path / "out") if arguments[0] == "corpora" else ()
    answer = polyner(*arguments, *out)
    assert answer.code == 2
    assert answer.err.endswith(f" needs {package}: pip install 'polyner[{extra}]'\n")
    assert not (tmp_path / "out").exists()
    assert package in {Requirement(line).name for line in PROJECT["optional-dependencies"][extra]}
