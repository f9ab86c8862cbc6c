"""Bodies of older documents are taken unchanged, and what is wrong with them is pointed at where they say it."""

import json
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from pipelines import Tool
from tasks_app import catalogue
from tasks_app.models import Task
from tests.integration.api.making import PAYLOAD, TASK

TASKS = "/api/v1/tasks"
BRIEFING = json.loads(
    (Path(__file__).parents[2] / "data" / "examples" / "executive_briefing_legacy_shape.json").read_text()
)
OLD = {"title": "Old", "schedule": "FREQ=DAILY", "pipeline": PAYLOAD["pipeline"]}


@pytest.fixture
def briefing_tools(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = [Tool(step["uses"], lambda given, _call: given) for step in BRIEFING["pipeline"]]
    known = catalogue.catalogue().with_tools(*tools)
    monkeypatch.setattr(catalogue, "_builtin", lambda _allow: known)


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.json()
    return [fault["pointer"] for fault in answer.json()["errors"]]


@pytest.mark.usefixtures("briefing_tools")
def test_a_task_with_schedule_and_pipeline_at_its_top_is_taken_unchanged(as_alice: APIClient) -> None:
    answer = as_alice.post(TASKS, BRIEFING)

    assert answer.status_code == 201, answer.json()
    task = answer.json()
    assert (task["schedule_kind"], task["schedule_expr"]) == ("rrule", BRIEFING["schedule"])
    assert (task["timezone"], task["payload"]) == ("America/New_York", {"pipeline": BRIEFING["pipeline"]})
    assert task["next_run_at"]


def test_a_task_with_an_event_type_listens_for_it(as_alice: APIClient) -> None:
    task = as_alice.post(
        TASKS, {"title": "Mail", "event_type": "email.received", "pipeline": PAYLOAD["pipeline"]}
    ).json()

    assert (task["schedule_kind"], task["schedule_expr"]) == ("event", "email.received")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"pipeline": [{"uses": "no.such"}]}, "/pipeline/0/uses"),
        ({"params": []}, "/params"),
        ({"schedule": "FREQ=SOMETIMES"}, "/schedule"),
        ({"timezone": "Mars/Base"}, "/timezone"),
    ],
)
def test_a_fault_is_pointed_at_where_the_older_shape_has_it(
    as_alice: APIClient, change: dict[str, Any], pointer: str
) -> None:
    assert pointers(as_alice.post(TASKS, OLD | change)) == [pointer]


def test_a_fault_of_todays_shape_is_pointed_at_as_ever(as_alice: APIClient) -> None:
    assert pointers(as_alice.post(TASKS, TASK | {"payload": {"pipeline": [{"uses": "no.such"}]}})) == [
        "/payload/pipeline/0/uses"
    ]


def test_a_change_in_an_older_shape_is_taken_and_its_fault_pointed_at(as_alice: APIClient) -> None:
    address = f"{TASKS}/{as_alice.post(TASKS, TASK).json()['id']}"

    assert as_alice.patch(address, {"schedule": "FREQ=WEEKLY"}).json()["schedule_expr"] == "FREQ=WEEKLY"
    assert pointers(as_alice.patch(address, {"pipeline": [{"uses": "no.such"}]})) == ["/pipeline/0/uses"]


def test_a_bundle_makes_all_of_its_tasks(as_alice: APIClient) -> None:
    answer = as_alice.post(TASKS, {"templates": [OLD, TASK]})

    assert answer.status_code == 201, answer.json()
    assert [task["title"] for task in answer.json()["items"]] == [OLD["title"], TASK["title"]]
    assert Task.objects.count() == 2


@pytest.mark.parametrize(
    ("second", "pointer"),
    [
        (OLD | {"pipeline": [{"uses": "no.such"}]}, "/templates/1/pipeline/0/uses"),
        (OLD | {"title": ""}, "/templates/1/title"),
        (7, "/templates/1"),
    ],
)
def test_a_bundle_with_a_fault_makes_none(as_alice: APIClient, second: Any, pointer: str) -> None:
    assert pointers(as_alice.post(TASKS, {"templates": [OLD, second]})) == [pointer]
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    ("bundle", "pointer"),
    [
        ({"templates": []}, "/templates"),
        ({"templates": OLD}, "/templates"),
        ({"templates": [OLD] * 51}, "/templates"),
        ({"templates": [OLD], "title": "x"}, "/title"),
    ],
)
def test_what_is_no_bundle_is_refused(as_alice: APIClient, bundle: dict[str, Any], pointer: str) -> None:
    assert pointers(as_alice.post(TASKS, bundle)) == [pointer]
