"""Periodic tasks while several beats follow them and are killed now and then."""

import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from schedules.beat.entries import RecurrenceEntry
from schedules.beat.models import TaskRecurrence
from tasks_app.events import stream
from tests.integration.beat.beats import beating, until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("redis_emptied"),
    pytest.mark.acceptance,
    pytest.mark.timeout(180),
]
SINK = "sink"
KILLS = 6


def often(name: str) -> PeriodicTask:
    second, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.SECONDS)
    return PeriodicTask.objects.create(name=name, task="report", interval=second, queue=SINK)


def by_rule(name: str) -> PeriodicTask:
    task = often(name)
    TaskRecurrence.objects.create(periodic_task=task, rrule="FREQ=SECONDLY", dtstart="2026-01-01T00:00:00")
    return task


def messages() -> list[dict[str, Any]]:
    """The headers of what was sent; a priority has a list of its own."""
    return [json.loads(raw)["headers"] for raw in stream.client().lrange(SINK, 0, -1)]


def ids_by_instant(task: PeriodicTask, begin: datetime, end: datetime) -> dict[str, datetime]:
    """The task id that each whole second has."""
    found = {}
    for instant in seconds(begin.replace(microsecond=0), end):
        task.last_run_at = instant - timedelta(microseconds=1)
        found[RecurrenceEntry(task).task_id] = instant
    return found


def seconds(first: datetime, last: datetime) -> list[datetime]:
    return [first + timedelta(seconds=n) for n in range(int((last - first).total_seconds()) + 1)]


def test_each_instant_is_sent_once_by_three_beats_of_which_two_are_killed_again_and_again(tmp_path: Path) -> None:
    every_second, rules = often("every second"), [by_rule(f"rule {n}") for n in range(3)]
    log = tmp_path / "beats.log"
    begun = datetime.now(UTC)

    with beating(3, log=log) as beats:
        until(lambda: len(messages()) > 8, log=log)
        for number in range(KILLS):
            time.sleep(2.5)  # so long a beat lives, of which it needs some to start
            beats.kill(number % 2)
    ended = datetime.now(UTC)

    # A beat that is killed after a sending and before its commit leaves it to another: under the same id.
    sent = Counter((header["periodic_task_name"], header["id"]) for header in messages())
    assert sum(times - 1 for times in sent.values()) <= KILLS
    for rule in rules:
        instants = ids_by_instant(rule, begun - timedelta(seconds=1), ended)
        # The first stands for all that passed while no beat ran.
        _, *seen = sorted(instants[task_id] for name, task_id in sent if name == rule.name)
        assert seen == seconds(seen[0], seen[-1]), rule.name
    for task in (every_second, *rules):
        task.refresh_from_db()
        assert task.total_run_count == sum(1 for name, _ in sent if name == task.name)
        assert ended - task.last_run_at < timedelta(seconds=3)
