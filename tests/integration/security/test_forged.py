"""Whoever reaches Redis can wake workers and be heard by nobody else: what is told is read from Postgres."""

import json
import uuid

import pytest
from rest_framework.test import APIClient

from tasks_app import queue
from tasks_app.events import stream, wakeup
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


def test_a_forged_hint_claims_what_is_due_and_nothing_else(client: APIClient) -> None:
    run = make_run()
    claim_one()
    for _ in range(10):
        stream.client().lpush(wakeup._BELL, str(run.pk))

    assert queue.claim(worker="woken", limit=10, lease=LEASE) == []
