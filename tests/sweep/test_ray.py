"""A sweep on a real Ray cluster of two nodes on this machine, one of which is lost in the middle."""

from __future__ import annotations

import dataclasses

import pytest

from polyner.errors import PolynerError
from polyner.study.protocol import Study
from polyner.study.questions import TABLE_1
from polyner.study.selection import Selection
from polyner.study.settings import Settings
from polyner.sweep.job import log_path
from polyner.sweep.local import places, sweep_here
from polyner.sweep.on_ray import sweep_on_ray
from polyner.sweep.tracker import Tracker

ray = pytest.importorskip("ray")


@pytest.fixture
def cluster(monkeypatch):
    """A head node with a CPU, and this process connected to it."""
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_memory_monitor_refresh_ms", "0")  # what else runs on this machine is not Ray's business
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    ray.init(address=cluster.address, logging_level="ERROR", log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


@pytest.fixture
def longer(settings):
    """Runs of some seconds, so that there is a middle to lose a node in."""
    return dataclasses.replace(settings, training={**settings.training, "max_epochs": 25, "min_epochs": 25})


class LosesNode:
    """A reporter that kills the node once it performs a run."""

    def __init__(self, cluster, node):
        self.cluster, self.node = cluster, node
        self.lost = ""

    def ended(self, tracker, outcome):
        pass

    def tick(self, tracker):
        for run in [] if self.lost else tracker.running:
            if _raylet_of(log_path(tracker.plan.store, run)) == self.node.live_processes()[-1][1].pid:
                self.lost = run
                self.cluster.remove_node(self.node, allow_graceful=False)
                return


def _raylet_of(log):
    """The parent of the process that last began the run of this log: the raylet of its node."""
    import psutil

    process = log.read_text().split(" process ")[-1].split()[0]
    return psutil.Process(int(process)).ppid() if psutil.pid_exists(int(process)) else None


@pytest.mark.slow
def test_runs_of_a_lost_node_are_done_elsewhere_with_the_same_numbers(cluster, longer):
    node = cluster.add_node(num_cpus=1)
    selection = Selection(longer, ("05-error-analysis",))
    plan = selection.plan()
    loses = LosesNode(cluster, node)
    tracker = sweep_on_ray(plan, selection.as_json(), loses)
    assert loses.lost
    assert {outcome.status for outcome in tracker.outcomes.values()} == {"done"}
    assert log_path(plan.store, loses.lost).read_text().count("attempt 1") >= 2
    assert len(tracker.outcomes) == 5
    assert selection.plan().to_do == []

    alone = Study(dataclasses.replace(longer, runs=longer.runs + "-alone"))
    alone.resolve(alone.asks(TABLE_1))
    for run in plan.store.list():
        assert run.metrics == alone.used[run.id].metrics
    assert alone.used.keys() == set(plan.runs)


@pytest.mark.slow
def test_a_profile_has_the_same_numbers_on_processes_and_on_a_cluster_that_loses_a_node(cluster, tmp_path):
    node = cluster.add_node(num_cpus=1)
    settings = Settings.load("quick", device="cpu", runs=str(tmp_path / "cluster"))
    selection = Selection(settings)
    loses = LosesNode(cluster, node)
    tracker = sweep_on_ray(selection.plan(), selection.as_json(), loses)
    assert loses.lost
    assert {outcome.status for outcome in tracker.outcomes.values()} == {"done"}

    selection = Selection(dataclasses.replace(settings, runs=str(tmp_path / "processes")))
    plan = selection.plan()
    sweep_here(Tracker(plan, 2), selection.as_json(), places(2, (), 1, "cpu"))
    assert tracker.outcomes.keys() == plan.runs.keys()
    found = {run.id: run for run in selection.plan().store.list()}
    for run in tracker.plan.store.list():
        assert run.metrics == found[run.id].metrics


def test_a_run_that_asks_for_more_than_any_node_has_is_refused(cluster, selection):
    with pytest.raises(PolynerError, match=r"has 1 CPUs and 0 GPUs, too few for a run of 1 CPUs and 0\.125 GPUs"):
        sweep_on_ray(selection.plan(), selection.as_json(), gpus=0.125)
