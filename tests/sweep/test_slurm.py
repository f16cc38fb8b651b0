"""A sweep as Slurm job arrays: what is handed to sbatch, and that the jobs do their work."""

from __future__ import annotations

import re

import pytest

from polyner.errors import NotAvailable, PolynerError, SettingsError
from polyner.study.selection import Selection
from polyner.sweep.job import Job
from polyner.sweep.on_slurm import RunJob, submit

pytest.importorskip("submitit")

# Stands for sbatch: keeps the script it is given and answers as sbatch does.
SBATCH = """#!/bin/sh
count=$(ls "$SUBMITTED" | wc -l)
cp "$1" "$SUBMITTED/$count.sh"
echo "Submitted batch job $((100 + count))"
"""


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """The scripts that were submitted, in order; Slurm's programs are stand-ins."""
    programs, submitted = tmp_path / "bin", tmp_path / "submitted"
    programs.mkdir()
    submitted.mkdir()
    for name, text in {
        "sbatch": SBATCH,
        "srun": "#!/bin/sh\n",
        "sacct": "#!/bin/sh\n",
        "squeue": "#!/bin/sh\n",
    }.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    monkeypatch.setenv("SUBMITTED", str(submitted))
    return lambda: [path.read_text() for path in sorted(submitted.iterdir(), key=lambda path: int(path.stem))]


def options(script):
    return dict(re.findall(r"^#SBATCH --([a-z-]+)=(.*)$", script, re.MULTILINE))


def test_arrays_wait_for_the_run_that_they_start_from(settings, scripts):
    selection = Selection(settings, ("05-error-analysis",))
    plan = selection.plan()
    parameters = {"timeout_min": 90, "slurm_partition": "gpu", "gpus_per_node": 1, "slurm_array_parallelism": 2}
    submitted = submit(plan, selection.as_json(), parameters, cpus=2)
    first, second = map(options, scripts())
    assert first["array"] == "0-2%2"
    assert (first["time"], first["partition"], first["cpus-per-task"]) == ("90", "gpu", "2")
    assert "dependency" not in first
    polyglot = [plan.runs[run].spec.regime for run in submitted[0]["runs"]].index("polyglot")
    assert second["array"] == "0-1%2"
    assert second["dependency"] == f"afterok:100_{polyglot}"
    assert second["kill-on-invalid-dep"] == "yes"
    assert [(array["job"], len(array["runs"]), array["after"]) for array in submitted] == [
        ("100", 3, None),
        ("101", 2, f"100_{polyglot}"),
    ]


def test_without_slurm_and_with_unknown_parameters(settings, scripts, monkeypatch):
    selection = Selection(settings, ("05-error-analysis",))
    plan = selection.plan()
    with pytest.raises(SettingsError, match=r"submitit: .*slurm_partitions"):
        submit(plan, selection.as_json(), {"slurm_partitions": "gpu"})
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NotAvailable, match="no Slurm on this machine"):
        submit(plan, selection.as_json())


def test_a_job_does_its_run(selection):
    plan = selection.plan()
    (first, *_) = plan.to_do
    assert RunJob()(Job(selection.as_json(), first.id, "cpu"))["status"] == "done"
    assert first.id not in [planned.id for planned in selection.plan().to_do]
    with pytest.raises(PolynerError, match="none failed: StoreError"):
        RunJob()(Job(selection.as_json(), "none", "cpu"))
