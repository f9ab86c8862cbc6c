"""Whoever asks for a task is told of all that is wrong with it at once."""

from rest_framework.test import APIClient

from tasks_app.models import Agent, Task
from tests.integration.api.making import TASK, make_task

WRONG = {
    "schedule_kind": "cron",
    "schedule_expr": "61 * * * *",
    "calendar": "nobody's",
    "quiet_hours": [],
    "probe": {"uses": "noop"},
    "payload": {"pipeline": [{"id": "one", "uses": "no.such"}]},
}
FAULTS = ["/calendar", "/payload/pipeline/0/uses", "/probe", "/schedule_expr"]


def pointers(answer: object) -> list[str]:
    return sorted(fault["pointer"] for fault in answer.json()["errors"])  # type: ignore[attr-defined]


def test_an_unknown_calendar_is_told_with_all_other_faults_of_a_new_task(as_alice: APIClient) -> None:
    assert pointers(as_alice.post("/api/v1/tasks", TASK | WRONG)) == FAULTS


def test_and_of_a_change(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)

    assert pointers(as_alice.patch(f"/api/v1/tasks/{task.pk}", WRONG)) == FAULTS
    assert Task.objects.get().calendar is None


def test_and_of_each_of_many_tasks(as_alice: APIClient) -> None:
    many = {"tasks": [TASK | WRONG, TASK | {"calendar": "nobody's"}]}

    told = pointers(as_alice.post("/api/v1/tasks/bulk", many))

    assert told == [*(f"/tasks/0{each}" for each in FAULTS), "/tasks/1/calendar"]


def test_and_of_a_draft(as_alice: APIClient) -> None:
    when = {name: WRONG[name] for name in ("schedule_kind", "schedule_expr", "calendar", "probe")}

    assert pointers(as_alice.post("/api/v1/schedules/preview", when)) == ["/calendar", "/probe", "/schedule_expr"]


def test_and_of_a_document(as_alice: APIClient) -> None:
    document = {"ordinaut": 1, "tasks": [TASK | WRONG, TASK | {"title": "Another", "schedule_expr": "P1X"}]}

    for address in ("import", "plan", "apply"):
        told = pointers(as_alice.post(f"/api/v1/tasks/{address}", document))
        assert told == [*(f"/tasks/0{each}" for each in FAULTS), "/tasks/1/schedule_expr"], address


def test_and_with_an_instant_beyond_the_calendar(as_alice: APIClient, alice: Agent) -> None:
    refused = as_alice.post("/api/v1/tasks", TASK | {"calendar": "nobody's", "starts_at": "0001-01-01T00:00:00"})

    assert pointers(refused) == ["/calendar", "/starts_at"]
