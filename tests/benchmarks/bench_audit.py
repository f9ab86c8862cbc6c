"""What does the audit's chain cost those who change something? Each entry waits at the commit for the one before it.

The same writers do the same in turns, in one database: with the trigger that chains the entries, and with it switched off. One
writer feels the trigger's own work; of several, the commits stand in line, and none shares its flush to the disk with another.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median

import pytest
from django.db import connection

from tasks_app.models import AuditEntry, Task
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tests.making import make_task

ROUNDS = int(os.environ.get("BENCH_AUDIT_ROUNDS", "7"))
CHANGES = int(os.environ.get("BENCH_AUDIT_CHANGES", "80"))  # of each writer, a round; of entries alone thrice as many
WRITERS = 4
ENTRY = """
    INSERT INTO tasks_auditentry (actor, action, object_kind, object_id, request_id, details)
    VALUES ('system', 'task.paused', 'task', gen_random_uuid(), '', '{}')
"""

Writer = Callable[[Task], int]


def pausing_and_resuming(task: Task) -> int:
    """How many changes: about the cheapest that there are, each a task's row, an event and an entry."""
    for _ in range(CHANGES // 2):
        tasks.pause(task, actor=SYSTEM)
        tasks.resume(task, actor=SYSTEM)
    return CHANGES // 2 * 2


def nothing_but_entries(_: Task) -> int:
    with connection.cursor() as cursor:
        for _ in range(3 * CHANGES):
            cursor.execute(ENTRY)
    return 3 * CHANGES


@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("writer", "writers", "least"),
    [
        pytest.param(pausing_and_resuming, 1, 0.6, id="changes, one writer"),
        pytest.param(pausing_and_resuming, WRITERS, 0.6, id="changes, four writers"),
        pytest.param(nothing_but_entries, 1, 0.5, id="entries alone, one writer"),
        pytest.param(nothing_but_entries, WRITERS, 0.2, id="entries alone, four writers"),
    ],
)
def test_what_the_chain_costs(redis_emptied: None, writer: Writer, writers: int, least: float) -> None:
    changed = [make_task() for _ in range(writers)]
    _rate(writer, changed)  # statements are known
    assert _links() == AuditEntry.objects.count() > 0

    chained, free = [], []
    for number in range(ROUNDS):
        for off in (number % 2 == 0, number % 2 == 1):  # none is always the first
            if off:
                with _unchained():
                    free.append(_rate(writer, changed))
            else:
                chained.append(_rate(writer, changed))

    ratios = [with_it / without for with_it, without in zip(chained, free, strict=True)]
    print(
        f"\n{writer.__name__.replace('_', ' ')}, {writers} at a time: {median(chained):,.0f} a second with the chain,"
    )
    print(f"{median(free):,.0f} without; {median(ratios):.2f} times as many ({min(ratios):.2f} to {max(ratios):.2f})")
    assert median(ratios) > least


def _rate(writer: Writer, changed: list[Task]) -> float:
    def write(task: Task) -> int:
        try:
            return writer(task)
        finally:
            connection.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(len(changed)) as threads:
        written = sum(threads.map(write, changed))
    return written / (time.perf_counter() - began)


@contextmanager
def _unchained() -> Iterator[None]:
    """In this database of the tests alone; entries that are written meanwhile stay outside of the chain."""
    before = _links()
    _execute("ALTER TABLE tasks_auditentry DISABLE TRIGGER audit_is_chained")
    try:
        yield
        assert _links() == before
    finally:
        _execute("ALTER TABLE tasks_auditentry ENABLE TRIGGER audit_is_chained")


def _links() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tasks_auditlink")
        return int(cursor.fetchone()[0])


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
