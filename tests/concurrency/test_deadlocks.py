"""The heartbeat and the dispatcher of one process write the same rows all the time."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from tasks_app import queue
from tests.making import LEASE, claim, make_run, make_task

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 60


def test_renewals_and_checkpoints_of_the_same_runs_never_wait_for_each_other_in_a_circle() -> None:
    task = make_task()
    for _ in range(100):
        make_run(task)
    leases = [claimed.lease for claimed in claim(limit=100)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_run")
    failures: list[Exception] = []

    def repeat(act: Callable[[], object]) -> None:
        try:
            for _ in range(ROUNDS):
                act()
        except Exception as failure:  # noqa: BLE001 - shown by the assertion
            failures.append(failure)
        finally:
            connection.close()

    acts: list[Callable[[], object]] = [
        lambda: queue.move([queue.checkpoint(lease, steps=[]) for lease in leases]),
        lambda: queue.renew(leases[::-1], lease=LEASE),
    ]
    threads = [threading.Thread(target=repeat, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
