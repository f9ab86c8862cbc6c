"""A platform that is newer than the client: what it answers with values that the client does not know is handed on."""

from typing import Any

import httpx
import pytest
from ordinaut_client import told
from ordinaut_client.generated.api.runs import runs_get
from ordinaut_client.generated.models import DraftRequest

from tests.integration.client.typing_commands import CommandLine
from tests.unit.client.served import Platform

AN_ID: Any = "9f0b4a04-0000-7000-8000-000000000000"
AN_INSTANT = "2026-01-31T09:00:00Z"
RUN = {
    **dict.fromkeys(("id", "task_id", "agent_id"), AN_ID),
    **dict.fromkeys(("run_at", "created_at", "started_at", "finished_at"), AN_INSTANT),
    **dict.fromkeys(("scheduled_for", "backfill", "error", "input"), None),
    **dict.fromkeys(("lane", "concurrency_key", "worker", "request_id"), ""),
    **dict.fromkeys(("task_version", "priority", "attempt"), 1),
    **dict.fromkeys(("failures", "losses"), 0),
    **dict.fromkeys(("attempts", "steps", "approval_links"), ()),
    "simulated": False,
    "steps_truncated": {},
    "status": "dissolved",
    "trigger": "a whim",
    "waiting_for": "a sign",
}


def test_values_it_does_not_know_are_handed_on() -> None:
    with Platform(httpx.Response(200, json=RUN)).client() as client:
        run = told(runs_get.sync(AN_ID, client=client.client))

    assert (run.status, run.trigger, run.waiting_for) == ("dissolved", "a whim", "a sign")
    assert run.to_dict()["status"] == "dissolved"


def test_values_it_does_not_know_are_sent() -> None:
    draft = DraftRequest.from_dict({"schedule_kind": "astral", "schedule_expr": "full moon"})

    assert draft.to_dict()["schedule_kind"] == "astral"


def test_a_watch_ends_with_the_run_whatever_its_end_is_called(
    somebody: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", lambda *_: httpx.Response(200, json=RUN))

    assert "dissolved for a sign" in somebody.types("runs", "watch", AN_ID, code=1).stdout
