"""What the documents show is what the API takes."""

import json
import re
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Calendar
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
