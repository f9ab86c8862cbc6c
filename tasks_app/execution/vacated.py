"""Vacated: the lanes and places that a run has left."""

from tasks_app.admission import Openings
from tasks_app.queue import ClaimedRun
from tasks_app.states import FINISHED, RunState


def note(openings: Openings, run: ClaimedRun, state: RunState) -> None:
    """One that has ended leaves its lane and its place; one that waits keeps the lane."""
    if state in FINISHED:
        openings.add(run.lane, run.agent, run.concurrency_key, run.agent_limited)
    elif state == RunState.WAITING:
        openings.add("", run.agent, run.concurrency_key, run.agent_limited)
