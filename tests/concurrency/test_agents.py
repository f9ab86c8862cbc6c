"""Two who give one name to an agent at once: one has it, and the other is told that it is taken."""

import threading

import pytest
from django.db import connection, transaction

from tasks_app.exceptions import InvalidRequest
from tasks_app.models import Agent
from tasks_app.services import agents
from tests.concurrency.interrupted import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_name_that_somebody_is_just_taking_is_taken() -> None:
    refusals: list[BaseException] = []

    def make_too() -> None:
        try:
            agents.create_agent(name="pa", scopes=["tasks:read"])
        except BaseException as refusal:  # noqa: BLE001 - looked at below
            refusals.append(refusal)
        finally:
            connection.close()

    other = threading.Thread(target=make_too)
    with transaction.atomic():
        agents.create_agent(name="pa", scopes=["tasks:read"])
        other.start()
        wait_for(_waiting, seconds=20)
    other.join(20)

    [refusal] = refusals
    assert isinstance(refusal, InvalidRequest)
    assert [fault.pointer for fault in refusal.faults] == ["/name"]
    assert Agent.objects.filter(name="pa").count() == 1


def _waiting() -> int:
    """How many wait for this connection's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        )
        return int(cursor.fetchone()[0])
