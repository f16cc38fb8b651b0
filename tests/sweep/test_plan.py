"""What a sweep would train: exactly what the pages ask for, parents first."""

from __future__ import annotations

import dataclasses
import time

import pytest

from polyner.errors import SettingsError, StoreError
from polyner.study.plan import in_plan
from polyner.study.protocol import Study
from polyner.study.questions import PAGES
from polyner.study.selection import Selection
from polyner.study.settings import Settings
from polyner.sweep.tracker import Tracker, by_urgency


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    return Settings.load("smoke", runs=str(tmp_path_factory.mktemp("runs")), device="cpu")


def names(plan):
    return [(p.spec.regime, "+".join(p.spec.languages), p.variant) for p in plan.runs.values()]


def test_a_page_needs_its_own_runs_and_no_others(smoke):
    plan = Selection(smoke, ("05-error-analysis",)).plan()
    assert sorted(names(plan)) == sorted(
        [("monolingual", code, "") for code in ("eng", "spa", "amh", "swa")]
        + [("polyglot", "eng+spa", ""), ("polyglot", "amh+swa", "")]
        + [("fine_tuned", code, "") for code in ("eng", "spa", "amh", "swa")]
    )
    assert not plan.store.list()


def test_parents_come_first_and_are_waited_for(smoke):
    plan = Selection(smoke).plan()
    order = list(plan.runs)
    tuned = [planned for planned in plan.runs.values() if planned.spec.regime == "fine_tuned"]
    assert len(tuned) >= 10
    for planned in tuned:
        assert plan.waits_for(planned.id) == planned.spec.parent.id
        assert order.index(planned.spec.parent.id) < order.index(planned.id)
    assert {page for planned in plan.runs.values() for page in planned.pages} == set(PAGES)


def test_learning_curves_are_runs_on_smaller_corpora(smoke):
    plan = Selection(smoke, ("04-novel-languages",)).plan()
    sizes = [p.training_sentences for p in plan.runs.values() if p.spec.languages == ("yor",)]
    assert sorted(sizes) == [20, 20, 60, 60]


def test_known_runs_are_chosen_with_what_they_start_from(smoke):
    plan = Selection(smoke, ("03-fine-tuning",)).plan()
    tuned = next(p for p in plan.runs.values() if p.spec.regime == "fine_tuned")
    again = Selection.from_json(Selection(smoke, (), (), (tuned.key,)).as_json()).plan()
    assert list(again.runs) == [tuned.spec.parent.id, tuned.id]
    assert not Selection.from_json(Selection(smoke, known=()).as_json()).plan().runs
    assert len({planned.key for planned in plan.runs.values()}) == len(plan.runs)


def test_regimes_are_a_choice_and_what_they_start_from_comes_along(smoke):
    mono = Selection(smoke, ("03-fine-tuning",), ("monolingual",)).plan()
    assert {regime for regime, _, _ in names(mono)} == {"monolingual"}
    tuned = Selection(smoke, ("03-fine-tuning",), ("fine_tuned",)).plan()
    assert {regime for regime, _, _ in names(tuned)} == {"polyglot", "fine_tuned"}


def test_a_selection_survives_the_way_to_another_process(smoke, tmp_path, monkeypatch):
    selection = Selection(smoke, ("02-baselines",), ("polyglot",))
    text = selection.as_json()
    monkeypatch.chdir(tmp_path)
    again = Selection.from_json(text)
    assert (again.pages, again.regimes) == (selection.pages, selection.regimes)
    assert again.as_json() == text
    assert list(again.plan().runs) == list(selection.plan().runs)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"pages": ("01-data",)}, "the page '01-data' needs no runs"),
        ({"regimes": ("polyglott",)}, "unknown regime 'polyglott'"),
    ],
)
def test_a_selection_of_nothing_that_exists_is_refused(smoke, choice, message):
    with pytest.raises(SettingsError, match=message):
        Selection(smoke, **choice)


def test_a_run_planned_with_other_settings_is_not_planned_here(settings):
    plan = Selection(settings, ("02-baselines",)).plan()
    other = Selection(dataclasses.replace(settings, seeds=(2,)), ("02-baselines",)).plan()
    with pytest.raises(StoreError, match="not planned here"):
        in_plan(plan, next(iter(other.runs)))


def test_what_is_finished_is_not_done_again_and_gives_the_times(settings):
    selection = Selection(settings, ("05-error-analysis",))
    before = selection.plan()
    assert set(Tracker(before, 2).seconds.values()) == {None}
    assert Tracker(before, 2).remaining() is None
    run = Study(settings).run("byte-crf", "polyglot", ("eng", "spa"), 1)
    plan = selection.plan()
    assert [p.id for p in plan.runs.values() if p.finished] == [run.id]
    assert all(plan.waits_for(p.id) is None for p in plan.to_do)
    seconds = Tracker(plan, 1).seconds
    # Half the words of the polyglot run, half its time.
    assert seconds[plan.to_do[0].id] == pytest.approx(
        run.seconds * plan.to_do[0].training_words / plan.runs[run.id].training_words
    )
    assert Tracker(plan, 4).remaining() == pytest.approx(max(seconds.values()))
    assert Tracker(plan, 1).remaining() == pytest.approx(sum(seconds.values()))


def test_a_finished_run_waits_for_no_parent_that_left_the_plan(settings):
    runs = [Study(settings).run("byte-crf", "fine_tuned", (code,), 1) for code in ("eng", "spa")]
    plan = Selection(settings, ("05-error-analysis",), ("fine_tuned",)).plan()
    assert {name: plan.waits_for(name) for name in plan.runs} == {run.id: None for run in runs}


def test_a_chain_takes_as_long_as_its_parts(selection):
    plan = selection.plan()
    seconds = {p.id: 10.0 if p.spec.regime == "polyglot" else 3.0 for p in plan.to_do}
    urgency = by_urgency(plan, seconds)
    polyglot = next(p.id for p in plan.to_do if p.spec.regime == "polyglot")
    assert urgency[polyglot] == 13
    tracker = Tracker(plan, 8)
    tracker.seconds = seconds
    assert tracker.remaining() == 13
    tracker.running[polyglot] = time.time() - 4
    assert tracker.remaining() == pytest.approx(9, abs=0.1)
    tracker.outcomes = dict.fromkeys(plan.runs)
    tracker.running = {}
    assert tracker.remaining() == 0
