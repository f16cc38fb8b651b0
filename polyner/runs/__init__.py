"""Runs: trained once, found again ever after."""

from polyner.runs.spec import RunSpec
from polyner.runs.store import Run, RunStore
