"""What the documents show is what the API takes."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent, Calendar
from tests.integration.api.making import make_task
from tests.unit.calendars.dates import ics

DOCUMENTS = Path(__file__).resolve().parents[3] / "docs"
CALENDARS = DOCUMENTS / "calendars.md"
EXAMPLES = [
    pytest.param(block, id=f"{document.stem}-{number}")
    for document in sorted(DOCUMENTS.glob("*.md"))
    if document != CALENDARS
    for number, block in enumerate(re.findall(r"```json\n(.*?)```", document.read_text(), flags=re.DOTALL), start=1)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_task_shown_in_a_document_is_accepted(as_alice: APIClient, example: str) -> None:
    answer = as_alice.post("/api/v1/tasks", json.loads(example))

    assert answer.status_code == 201, answer.json()


def test_the_calendars_shown_are_accepted_in_their_order(as_alice: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks_app.calendars.fetching.fetch_all", lambda urls: dict.fromkeys(urls, ics()))

    for block in re.findall(r"```json\n(.*?)```", CALENDARS.read_text(), flags=re.DOTALL):
        shown = json.loads(block)
        answer = as_alice.post("/api/v1/calendars" if "definition" in shown else "/api/v1/tasks", shown)
        assert answer.status_code == 201, answer.json()
    assert Calendar.objects.count() == 5


def test_the_preview_shown_is_the_one_answered(as_alice: APIClient) -> None:
    text = (DOCUMENTS / "schedules.md").read_text()
    [(sent, shown)] = re.findall(r"```json preview\n(.*?)```\n```json previewed\n(.*?)```", text, flags=re.DOTALL)

    assert as_alice.post("/api/v1/schedules/preview", json.loads(sent)).json() == json.loads(shown)


def test_the_snooze_shown_is_done_once(as_alice: APIClient, alice: Agent) -> None:
    [shown] = re.findall(r"```json snooze\n(.*?)```", (DOCUMENTS / "schedules.md").read_text(), flags=re.DOTALL)
    task = make_task(alice)
    assert task.next_run_at
    sent = json.loads(shown) | {"at": task.next_run_at.isoformat()}  # its day will have passed

    for _ in range(2):
        answer = as_alice.post(f"/api/v1/tasks/{task.pk}/snooze", sent)

        moved = task.next_run_at + timedelta(seconds=sent["delay_seconds"])
        assert datetime.fromisoformat(answer.json()["next_run_at"]) == moved
