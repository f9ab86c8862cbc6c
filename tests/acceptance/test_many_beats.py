"""Five beats that are killed and paused, over a Redis that goes away, make exactly the instants that were to come.

What was to come is worked out here by plain arithmetic, apart from `schedules`.
"""

import itertools
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis as client
from django.db.models import F
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from ordinaut_site.embedded import locations, redis
from schedules.beat.models import TaskRecurrence
from tasks_app.models import Run, SkippedOccurrence, Task
from tasks_app.services import tasks
from tasks_app.services.actor import Actor
from tasks_app.states import TaskStatus
from tests.integration.beat.beats import beating, until
from tests.integration.embedded.serving import new_home, serving
from tests.making import make_agent

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400), pytest.mark.django_db(transaction=True)]

KILL_EVERY, SECONDS = 3, int(os.environ.get("ORDINAUT_BEATS_SECONDS", "42"))
PAUSED_FROM, PAUSED_FOR = 3, 36  # longer than Postgres leaves a transaction idle
REDIS_RESTARTS = (12, 27)

Instants = Callable[[datetime], Iterator[datetime]]  # those after an instant, ascending


@dataclass(frozen=True)
class Planned:
    """A task, from when on its instants count, and all that are to come after that."""

    task: Task
    since: datetime
    instants: Instants


def every(seconds: int, *, start: datetime, count: int | None = None) -> Instants:
    def instants(after: datetime) -> Iterator[datetime]:
        first = max((after - start) // timedelta(seconds=seconds) + 1, 0)
        for number in itertools.count(first):
            if count is not None and number >= count:
                return
            yield start + number * timedelta(seconds=seconds)

    return instants


def at(instant: datetime) -> Instants:
    return lambda after: iter([instant] if instant > after else [])


def schedules(now: datetime) -> Iterator[tuple[str, str, datetime, Instants]]:
    """About 200: kind, expression, start and what they mean."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for seconds in range(1, 11):
        for _ in range(11):
            yield "interval", f"PT{seconds}S", midnight, every(seconds, start=midnight)
    for _ in range(10):
        yield "cron", "* * * * *", midnight, every(60, start=midnight)
        yield "rrule", "FREQ=MINUTELY", midnight, every(60, start=midnight)
        yield "rrule", "FREQ=SECONDLY;BYSECOND=0,15,30,45", midnight, every(15, start=midnight)
    for seconds in (1, 2, 3, 7):
        for _ in range(8):
            yield "rrule", f"FREQ=SECONDLY;INTERVAL={seconds}", midnight, every(seconds, start=midnight)
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=20)  # by then the last of them are planned
    for number in range(20):
        moment = soon + timedelta(seconds=number)
        yield "once", moment.isoformat(), midnight, at(moment)
    for count in (1, 5, 12, 20):
        yield "rrule", f"FREQ=SECONDLY;COUNT={count}", soon, every(1, start=soon, count=count)


def plan() -> list[Planned]:
    owner = make_agent()
    actor = Actor.of_agent(owner)
    planned = []
    for kind, expr, start, instants in schedules(datetime.now(UTC)):
        task = tasks.create_task(
            owner,
            actor=actor,
            title=expr,
            schedule_kind=kind,
            schedule_expr=expr,
            dtstart=f"{start:%Y-%m-%dT%H:%M:%S}",
            timezone="UTC",
            payload={"pipeline": [{"uses": "noop"}]},
        )
        planned.append(Planned(task, task.planned_until, instants))
    for each in planned[:110:10]:
        tasks.pause(each.task, actor=actor)
    return planned


def plan_periodic(name: str) -> PeriodicTask:
    interval, _ = IntervalSchedule.objects.get_or_create(every=2, period=IntervalSchedule.SECONDS)
    task = PeriodicTask.objects.create(name=name, task="report", interval=interval, queue="sink")
    if name == "rule":
        TaskRecurrence.objects.create(
            periodic_task=task, rrule="FREQ=SECONDLY;INTERVAL=2", dtstart="2026-01-01T00:00:00"
        )
    return task


def trouble(log: Path, home: Path) -> list[Any]:
    """All that happens; answers the headers of the periodic tasks' messages."""
    with ExitStack() as stack:
        server = stack.enter_context(ExitStack())
        server.enter_context(serving(redis.prepare(home), home=home))
        beats = stack.enter_context(beating(5, log=log, REDIS_URL=locations.redis_url(home)))
        until(lambda: Run.objects.count() > 100, log=log)
        begun = time.monotonic()
        for number in range(1, SECONDS // KILL_EVERY + 1):
            time.sleep(max(begun + number * KILL_EVERY - time.monotonic(), 0))
            beats.kill(number % 4)
            match number * KILL_EVERY:
                case at if at == PAUSED_FROM:
                    beats.pause(4)
                case at if at == PAUSED_FROM + PAUSED_FOR:
                    beats.go_on(4)
                case at if at in REDIS_RESTARTS:
                    server.close()
                    time.sleep(1)
                    server.enter_context(serving(redis.prepare(home), home=home))
        until(at_rest, log=log)
        beats.end()
        sink = client.Redis.from_url(locations.redis_url(home)).lrange("sink", 0, -1)
        return [json.loads(message)["headers"] for message in sink]


def at_rest() -> bool:
    """Those that end have ended, and of the others nothing that is due is left undone."""
    late = Task.objects.filter(due_at__lt=datetime.now(UTC) - timedelta(seconds=2))
    return Task.objects.filter(status=TaskStatus.COMPLETED).count() == 24 and not late.exists()


def test_five_beats_killed_and_paused_make_exactly_the_instants_that_were_to_come(tmp_path: Path) -> None:
    planned = plan()
    periodic = [plan_periodic(name) for name in ("rule", "interval")]

    with new_home() as home:
        messages = trouble(tmp_path / "beats.log", home)

    duplicates, missing, unplanned = 0, 0, 0
    for each in planned:
        each.task.refresh_from_db()
        runs = list(Run.objects.filter(task=each.task).values_list("scheduled_for", flat=True))
        ledger = list(SkippedOccurrence.objects.filter(task=each.task).values_list("scheduled_for", flat=True))
        found, expected = Counter([*runs, *ledger]), expected_of(each)
        duplicates += found.total() - len(found)
        missing += len(expected - found.keys())
        unplanned += len(found.keys() - expected)
    assert (duplicates, missing, unplanned) == (0, 0, 0)
    assert not Run.objects.filter(created_at__lt=F("scheduled_for")).exists()

    check_ends(planned)
    check_periodic(periodic, messages)


def expected_of(each: Planned) -> set[datetime]:
    """Up to the cursor, which is the next one; of a task that has ended, all."""
    due_at = each.task.due_at or datetime.now(UTC)
    coming = each.instants(each.since)
    expected = set(itertools.takewhile(lambda instant: instant < due_at, coming))
    if each.task.due_at:
        assert due_at == next(each.instants(due_at - timedelta(microseconds=1)))
    return expected


def check_ends(planned: list[Planned]) -> None:
    """The paused ones made no run, those that ended are over, and the others were looked after to the end."""
    now = datetime.now(UTC)
    status = Counter(each.task.status for each in planned)
    assert status == {TaskStatus.ACTIVE: 161, TaskStatus.PAUSED: 11, TaskStatus.COMPLETED: 24}
    for each in planned:
        if each.task.status == TaskStatus.PAUSED:
            reasons = set(SkippedOccurrence.objects.filter(task=each.task).values_list("reason", flat=True))
            assert reasons == {"paused"}
        if each.task.status != TaskStatus.COMPLETED:
            assert now - each.task.due_at < timedelta(seconds=30)


def check_periodic(periodic: list[PeriodicTask], messages: list[Any]) -> None:
    """A sending is done again only under its own id: by the beat after one that was killed, or had been paused, in the middle."""
    sent = Counter((header["periodic_task_name"], header["id"]) for header in messages)
    assert sent.total() - len(sent) <= SECONDS // KILL_EVERY
    for task in periodic:
        task.refresh_from_db()
        assert task.total_run_count == sum(1 for name, _ in sent if name == task.name) > 5
