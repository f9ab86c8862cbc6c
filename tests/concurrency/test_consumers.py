"""Every event has its effect once and in order, whatever becomes of the processes that read for a group."""

import os
import random
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction

from tasks_app.events import outbox, positions, stream
from tasks_app.events.types import EventType
from tasks_app.maintenance import relay
from tasks_app.models import AuditEntry, ConsumerPosition, OutboxEntry, Task
from tests.concurrency.interrupted import ended, kill, spawn, wait_for
from tests.making import make_agent, make_task

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("redis_emptied"),
    pytest.mark.timeout(300),  # processes that start on a busy machine
]

LEASE = 2  # seconds


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "processes.log"


@pytest.fixture
def written() -> Iterator[Callable[[int], None]]:
    """Writers and a relay at work in the background; calling it waits until so many events are written, and ends them."""
    owner = make_agent()
    subjects = [make_task(created_by=owner) for _ in range(4)]
    enough = threading.Event()
    threads = [threading.Thread(target=_write, args=(subjects, nth, enough)) for nth in range(2)]
    threads.append(threading.Thread(target=_relay, args=(enough,)))
    for thread in threads:
        thread.start()

    def wait(number: int) -> None:
        wait_for(lambda: OutboxEntry.objects.count() >= number)
        finish()

    def finish() -> None:
        enough.set()
        for thread in threads:
            thread.join(20)

    yield wait
    finish()


def _write(subjects: list[Task], nth: int, enough: threading.Event) -> None:
    numbers = random.Random(nth)
    try:
        while not enough.is_set():
            with transaction.atomic():
                outbox.record(EventType.TASK_UPDATED, numbers.choice(subjects))
                enough.wait(numbers.random() / 100)
    finally:
        connection.close()


def _relay(enough: threading.Event) -> None:
    try:
        while not enough.wait(0.02):
            relay.run_once()
        while relay.run_once()["more"] or OutboxEntry.objects.filter(pos=None).exists():
            pass
    finally:
        connection.close()


def publish(number: int, subject: Task) -> None:
    for _ in range(number):
        with transaction.atomic():
            outbox.record(EventType.TASK_UPDATED, subject)
    while relay.run_once()["more"]:
        pass


def effects() -> list[int]:
    """The positions of the events, in the order in which they had their effect."""
    return [entry.details["pos"] for entry in AuditEntry.objects.order_by("id")]


def readers() -> set[str]:
    """Which processes wrote effects."""
    return set(AuditEntry.objects.values_list("actor", flat=True))


def reading() -> int:
    """The process that reads for the group, 0 for none."""
    holder = ConsumerPosition.objects.filter(group="readers").values_list("holder", flat=True).first() or ""
    return int(holder.rpartition(":")[2] or 0)


def assert_each_once_and_in_order() -> None:
    assert effects() == list(range(1, OutboxEntry.objects.count() + 1))
    seqs: dict[str, list[int]] = {}
    for entry in AuditEntry.objects.order_by("id"):
        seqs.setdefault(str(entry.object_id), []).append(entry.details["seq"])
    assert all(found == list(range(1, len(found) + 1)) for found in seqs.values())


def test_events_are_handled_once_and_in_order_while_the_process_that_reads_is_killed(
    written: Callable[[int], None], log: Path
) -> None:
    processes = [spawn("tests.concurrency.consuming", LEASE, 10, log=log) for _ in range(3)]
    with ended(processes):
        for _ in range(2):
            seen = len(effects())
            wait_for(lambda seen=seen: len(effects()) > seen + 20)
            victim = next(process for process in processes if process.pid == reading())
            kill(victim)
        stream.client().flushdb()
        written(len(effects()) + 50)
        wait_for(lambda: len(effects()) >= OutboxEntry.objects.count())

    assert_each_once_and_in_order()
    assert len(readers()) == 3


def test_a_process_that_was_asleep_while_another_took_over_repeats_nothing(log: Path) -> None:
    subject = make_task()
    publish(30, subject)
    processes = [spawn("tests.concurrency.consuming", LEASE, 5, log=log)]
    with ended(processes):
        wait_for(lambda: len(effects()) == 30)
        processes[0].send_signal(signal.SIGSTOP)
        processes.append(spawn("tests.concurrency.consuming", LEASE, 5, log=log))
        publish(30, subject)
        wait_for(lambda: len(effects()) == 60)
        processes[0].send_signal(signal.SIGCONT)
        publish(30, subject)
        wait_for(lambda: len(effects()) >= 90)
        _stop(processes)

    assert_each_once_and_in_order()
    assert len(readers()) == 2
    assert b"is read by another process by now" in log.read_bytes()


def test_one_that_was_asleep_while_the_stream_passed_its_bound_catches_up(log: Path) -> None:
    subject = make_task()
    publish(10, subject)
    processes = [spawn("tests.concurrency.consuming", 30, 50, log=log)]
    with ended(processes):
        wait_for(lambda: len(effects()) == 10)
        processes[0].send_signal(signal.SIGSTOP)
        for _ in range(3):
            publish(200, subject)
            stream.trim(keep=100, at_most=200, wanted=positions.oldest_wanted())
        length = int(stream.client().xlen(stream.STREAM))
        processes[0].send_signal(signal.SIGCONT)
        wait_for(lambda: len(effects()) >= 610)

    assert length < 320, "at most 200, and what Redis keeps to drop whole nodes"
    assert_each_once_and_in_order()
    assert ConsumerPosition.objects.get().missed == 0


def test_a_process_that_is_told_to_stop_hands_over_at_once(log: Path) -> None:
    subject = make_task()
    publish(5, subject)
    processes = [spawn("tests.concurrency.consuming", 600, 5, log=log)]
    with ended(processes):
        wait_for(lambda: len(effects()) == 5)
        _stop(processes)
        assert reading() == 0
        publish(5, subject)
        processes.append(spawn("tests.concurrency.consuming", 600, 5, log=log))
        wait_for(lambda: len(effects()) == 10)

    assert_each_once_and_in_order()


def test_a_process_whose_connection_postgres_ended_goes_on(log: Path) -> None:
    subject = make_task()
    publish(5, subject)
    processes = [spawn("tests.concurrency.consuming", 30, 5, log=log)]
    with ended(processes):
        wait_for(lambda: len(effects()) == 5)
        for _ in range(3):
            _end_other_connections()
            publish(5, subject)
        wait_for(lambda: len(effects()) >= 20)

    assert_each_once_and_in_order()
    assert len(readers()) == 1


def test_processes_that_share_a_group_handle_everything_though_one_is_killed_and_redis_loses_all(
    written: Callable[[int], None], log: Path
) -> None:
    processes = [spawn("tests.concurrency.consuming", 2, 10, "shared", log=log) for _ in range(2)]
    with ended(processes):
        wait_for(lambda: len(readers()) == 2)
        kill(processes[0])
        stream.client().flushdb()
        written(len(effects()) + 50)
        everything = set(range(1, OutboxEntry.objects.count() + 1))
        wait_for(lambda: set(effects()) >= everything)
        _stop(processes[1:])

    assert set(effects()) == everything


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        os.kill(process.pid, signal.SIGTERM)
    for process in processes:
        assert process.wait(20) == 0


def _end_other_connections() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
