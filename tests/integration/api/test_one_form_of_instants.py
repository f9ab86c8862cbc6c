"""Instants are answered in one form, in UTC with Z, wherever they stand."""

import json
import re
from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.events.event import Event
from tasks_app.models import Agent
from tests.integration.api.making import make_task

_OTHERWISE = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d+)?)?\+00:00")


@pytest.mark.parametrize("path", ["events", "audit/export", "audit", "tasks"])
def test_every_instant_ends_in_z(admin: Agent, as_admin: APIClient, path: str) -> None:
    task = make_task(admin, ends_at=None)
    as_admin.post(f"/api/v1/tasks/{task.pk}/snooze", {"delay_seconds": 60})
    as_admin.post(f"/api/v1/tasks/{task.pk}/backfill", {"from": "2026-03-01T00:00:00Z", "to": "2026-03-01T00:00:00Z"})

    text = as_admin.get(f"/api/v1/{path}").content.decode()

    assert "Z" in text
    assert not _OTHERWISE.findall(text)


def test_an_envelope_is_written_with_z_and_one_of_before_is_still_read() -> None:
    written: dict[str, Any] = {
        "id": "01a20313-5e2d-7252-9a09-8576089d2da7",
        "pos": 1,
        "type": "task.created",
        "aggregate": "task:1",
        "seq": 1,
        "at": "2026-03-01T00:00:00.000001+00:00",
        "agent": None,
        "request_id": "",
        "causation": 0,
        "data": {},
    }

    event = Event.read(json.loads(json.dumps(written)))

    assert event.envelope == written | {"at": "2026-03-01T00:00:00.000001Z"}
    assert Event.read(event.envelope) == event
