"""What rows measure of a history: what was finished, begun and answered in which time."""

import os
from datetime import datetime

from tests.faults.checker import percentile
from tests.faults.histories import History
from tests.faults.platform import Platform
from tests.faults.results import Row


def rounds(usual: int) -> int:
    """How often a row repeats its fault: `ORDINAUT_FAULTS_ROUNDS` for all, where given."""
    return int(os.environ.get("ORDINAUT_FAULTS_ROUNDS") or usual)


def seconds_of(name: str, usual: float) -> float:
    """How long a row's fault lasts: `ORDINAUT_FAULTS_<name>_SECONDS`, where given."""
    return float(os.environ.get(f"ORDINAUT_FAULTS_{name}_SECONDS") or usual)


def throughput(history: History, since: datetime, until: datetime) -> float:
    """Runs finished per second."""
    ended = sum(since <= run.finished_at < until for run in history.runs if run.finished_at)
    return ended / (until - since).total_seconds()


def next_end(history: History, after: datetime) -> float:
    """Seconds until the first run finished after a moment."""
    ends = [run.finished_at for run in history.runs if run.finished_at and run.finished_at > after]
    assert ends, f"no run has finished after {after}"
    return (min(ends) - after).total_seconds()


def planned_in(history: History, since: datetime, until: datetime) -> set[str]:
    return {run.id for run in history.runs if since <= run.created_at < until}


def answered_within(history: History, percent: float, since: datetime, until: datetime) -> float:
    """Seconds within which so many percent of the requests made in that time were answered."""
    return percentile(sorted(answer.seconds for answer in history.answers if since <= answer.at < until), percent)


def all_live_on(row: Row, platform: Platform) -> None:
    """Of the platform's processes none has ended; else the test's output has their last words."""
    dead = [each for each in platform.workers + platform.beats + platform.webs if not each.alive]
    for each in dead:
        print(f"--- {each.recipe.log.name}\n{each.log[-6000:]}")  # noqa: T201
    row.measure("processes that have ended", len(dead), at_most=0)
