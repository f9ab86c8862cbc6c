"""Whoever reaches Redis can wake workers and be heard by nobody else: what is told is read from Postgres."""

import json
import threading
import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app import queue
from tasks_app.events import history, stream, wakeup
from tasks_app.events.reading import Reader
from tasks_app.maintenance import relay
from tasks_app.models import OutboxEntry, Run
from tests.integration.api.making import client_of
from tests.making import LEASE, claim_one, make_agent, make_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


def forged(run: Run) -> dict[str, str]:
    envelope = {
        "id": str(uuid.uuid4()), "pos": 1, "type": "run.succeeded", "aggregate": f"run:{run.pk}", "seq": 99,
        "at": "2026-01-01T00:00:00Z", "agent": str(run.agent_id), "request_id": "", "causation": 0, "data": {},
    }  # fmt: skip
    return {"event": json.dumps(envelope)}


def test_a_forged_event_changes_no_run_and_is_told_by_no_answer() -> None:
    run = make_run()
    stream.client().xadd(stream.STREAM, forged(run), id="1-0")

    run.refresh_from_db()
    told = client_of(make_agent(scopes=("admin",))).get("/api/v1/events").json()["items"]

    assert run.state == "queued"
    assert "run.succeeded" not in [each["type"] for each in told]
    assert not OutboxEntry.objects.filter(aggregate_id=run.pk, seq=99).exists()


@pytest.mark.parametrize("seal", [None, "", "0" * 64, "ÿ"])
def test_a_reader_of_the_stream_passes_a_forged_event_over_for_ours(seal: str | None) -> None:
    run = make_run()
    relay.run_once()
    [ours] = history.events(0, 1)
    stream.client().delete(stream.STREAM)
    fields = forged(run) | ({} if seal is None else {"seal": seal})
    stream.client().xadd(stream.STREAM, fields, id="1-0")

    assert Reader(wait=0.01).next(after=0, limit=1, stop=threading.Event()) == [ours]


def test_a_seal_is_good_for_its_event_at_its_position_under_our_key_alone(settings: Any) -> None:
    ours = stream.seal(1, "{}")

    assert ours == stream.seal(1, "{}")
    assert ours not in {stream.seal(2, "{}"), stream.seal(1, "{ }")}
    settings.SECRET_KEY = "another"
    assert ours != stream.seal(1, "{}")


def test_a_forged_hint_claims_what_is_due_and_nothing_else(client: APIClient) -> None:
    run = make_run()
    claim_one()
    for _ in range(10):
        stream.client().lpush(wakeup._BELL, str(run.pk))

    assert queue.claim(worker="woken", limit=10, lease=LEASE) == []


def test_an_entry_far_ahead_does_not_keep_a_reader_busy() -> None:
    class Stop(threading.Event):
        waited = 0

        def wait(self, timeout: float | None = None) -> bool:
            self.waited += 1
            return False

    stream.client().xadd(stream.STREAM, {"a": "b"}, id="999-0")
    stop = Stop()

    assert Reader(wait=0.01).next(after=0, limit=1, stop=stop) == []
    assert stop.waited == 1
