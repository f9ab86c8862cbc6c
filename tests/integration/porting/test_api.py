"""`/tasks/export`, `/import`, `/plan` and `/apply`."""

import json
import time
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tasks_app.api.serializers.porting import DocumentTaskSerializer
from tasks_app.models import Agent, AuditEntry, Calendar, Task, TaskDefinition
from tasks_app.planning.timing import dates_of
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tasks_app.services.porting.shape import NEEDED, OF_A_TASK
from tests.integration.api.making import TASK, client_of, make_task
from tests.making import events_of, make_agent, told

API = "/api/v1/tasks"
OLDER = ("text/yaml", "application/x-yaml", "text/x-yaml")


def document(*entries: Any, **others: Any) -> dict[str, Any]:
    return {"ordinaut": 1, "tasks": list(entries)} | others


def faults_of(answer: Any) -> dict[str, str]:
    return {each["pointer"]: each["message"] for each in answer.json()["errors"]}


def actions_of(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code < 300, answer.content
    return [(each["title"], each["action"]) for each in answer.json()["tasks"]]


def test_an_export_is_yaml_or_json_by_the_query_or_by_accept(as_alice: APIClient, alice: Agent) -> None:
    make_task(alice, title="No")

    plain, asked = as_alice.get(f"{API}/export"), as_alice.get(f"{API}/export?format=yaml")
    accepted = as_alice.get(f"{API}/export", headers={"Accept": "application/yaml"})
    both = as_alice.get(f"{API}/export?format=json", headers={"Accept": "application/yaml"})

    assert plain.headers["Content-Type"] == both.headers["Content-Type"] == "application/json"
    assert asked.headers["Content-Type"] == accepted.headers["Content-Type"] == "application/yaml"
    assert asked.headers["Content-Disposition"] == 'attachment; filename="tasks.yaml"'
    assert asked.content == accepted.content
    assert asked.content.startswith(b"ordinaut: 1\ntasks:\n- title: 'No'\n")
    assert plain.content == both.content
    assert plain.content.endswith(b"\n}\n")


@pytest.mark.parametrize("older", OLDER)
def test_yaml_is_asked_for_by_its_older_names_too(as_alice: APIClient, alice: Agent, older: str) -> None:
    make_task(alice, title="No")

    answer = as_alice.get(f"{API}/export", headers={"Accept": f"text/html, {older};q=0.9"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/yaml")
    assert answer.content.startswith(b"ordinaut: 1\n")


def test_an_export_is_narrowed_as_the_list_is(as_alice: APIClient, alice: Agent) -> None:
    one, _ = make_task(alice, title="one", priority=9), make_task(alice, title="two")
    for end in (tasks.cancel, tasks.delete):
        end(make_task(alice, title="gone"), actor=SYSTEM)
    make_task(make_agent(), title="another's")

    every = as_alice.get(f"{API}/export").json()["tasks"]
    narrowed = as_alice.get(f"{API}/export?priority=9&ids=true").json()["tasks"]

    assert [each["title"] for each in every] == ["one", "two"]
    assert [each["id"] for each in narrowed] == [str(one.pk)]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=5", "/limit"),
        ("status=completed", "/status"),
        ("format=xml", "/format"),
        ("ids=maybe", "/ids"),
        ("created_by=me", "/created_by"),
        ("colour=red", "/colour"),
    ],
)
def test_an_export_refuses_what_would_show_something_else(as_alice: APIClient, query: str, pointer: str) -> None:
    answer = as_alice.get(f"{API}/export?{query}", headers={"Accept": "application/yaml"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert list(faults_of(answer)) == [pointer]


def test_an_export_is_no_larger_than_what_can_be_imported(as_alice: APIClient, alice: Agent) -> None:
    def refusal_of(number: int, *, size: int) -> str:
        fields = {"created_by": alice, "schedule_kind": "manual", "timezone": "UTC", "payload": {"a": "x" * size}}
        Task.objects.all().delete()
        Task.objects.bulk_create(Task(title=f"{n}", dtstart="2026-01-01", **fields) for n in range(number))
        answer = as_alice.get(f"{API}/export")
        return "" if answer.status_code == 200 else faults_of(answer)[""]

    assert refusal_of(5, size=200_000) == ""
    assert "over 1048576 bytes" in refusal_of(6, size=200_000)
    assert "over 1048576 bytes" in refusal_of(11, size=200_000)
    assert "more than 1000 tasks" in refusal_of(1001, size=1)


def test_an_export_reads_no_more_calendars_than_a_document_can_hold(as_alice: APIClient, alice: Agent) -> None:
    """The owner has ten of half a megabyte, each named by a task: reading stops at the fifth."""
    large = {"ics": f"BEGIN:VCALENDAR\r\nDESCRIPTION:{'x' * 500_000}\r\nEND:VCALENDAR\r\n"}
    task = make_task(alice)
    for number in range(10):
        calendar = Calendar.objects.create(name=f"c{number}", created_by=alice, definition=large)
        task.pk, task.calendar = uuid4(), calendar
        task.save(force_insert=True)

    with CaptureQueriesContext(connection) as asked:
        answer = as_alice.get(f"{API}/export")

    assert (answer.status_code, "over 1048576 bytes" in faults_of(answer)[""]) == (422, True)
    read = [each for each in asked.captured_queries if each["sql"].startswith('SELECT "tasks_calendar"')]
    assert len(read) <= 2 * 5


def test_a_thousand_tasks_are_imported_within_seconds_and_few_statements(as_alice: APIClient, alice: Agent) -> None:
    sent = document(*({**TASK, "title": f"task {n}"} for n in range(1000)))

    with CaptureQueriesContext(connection) as asked:
        begun = time.process_time()  # of this process alone, however busy the machine is
        answer = as_alice.post(f"{API}/import", sent)
        took = time.process_time() - begun

    assert (answer.status_code, answer.json()["counts"]["created"]) == (201, 1000)
    assert Task.objects.count() == TaskDefinition.objects.count() == 1000
    assert AuditEntry.objects.filter(action="task.created").count() == len(told("task.created")) == 1000
    assert len(asked) < 60
    assert took < 10


def test_what_is_imported_is_as_if_each_task_had_been_made(as_alice: APIClient, alice: Agent) -> None:
    by_hand = make_task(alice, title="by hand", dtstart="2026-01-01T00:00:00")
    answer = as_alice.post(f"{API}/import", document(TASK | {"title": "new", "dtstart": "2026-01-01T00:00:00"}))

    made = Task.objects.get(pk=answer.json()["tasks"][0]["id"])
    given = {"id", "title", "created_at", "updated_at", "planned_until"}
    both = [{k: v for k, v in row.items() if k not in given} for row in Task.objects.order_by("id").values()]
    assert both[0] == both[1]
    assert events_of(made) == events_of(by_hand) == ["task.created"]
    assert told("task.created", aggregate_id=made.pk)[0].data["title"] == "new"
    assert AuditEntry.objects.get(object_id=made.pk).actor == f"agent:{alice.pk}"
    assert TaskDefinition.objects.get(task=made).payload == TASK["payload"]


def test_a_task_that_begins_paused_says_so(as_alice: APIClient) -> None:
    condition = TASK | {
        "title": "c",
        "schedule_kind": "condition",
        "schedule_expr": "probe.message == 'hi'",
        "probe": {"uses": "debug.echo", "with": {"message": "hi"}},
        "status": "paused",
    }
    as_alice.post(f"{API}/import", document(TASK | {"status": "paused"}, condition))

    timed, looked_at = Task.objects.order_by("title")
    assert [task.status for task in (timed, looked_at)] == ["paused", "paused"]
    assert events_of(timed) == ["task.created", "task.paused"]
    assert looked_at.due_at is None
    tasks.resume(timed, actor=SYSTEM)
    assert events_of(timed)[-1] == "task.resumed"


def test_all_faults_are_told_and_nothing_is_imported(as_alice: APIClient) -> None:
    calendar = {"name": "off", "definition": {"weekends": True}}
    over = {"schedule_kind": "once", "schedule_expr": "2020-01-01T00:00:00"}
    bad = TASK | {"schedule_expr": "PT0S"}, TASK | {"priority": 10}, TASK | over
    sent = document(TASK, *bad, calendars=[calendar])

    answer = as_alice.post(f"{API}/import", sent)

    assert answer.status_code == 422
    assert set(faults_of(answer)) == {"/tasks/1/schedule_expr", "/tasks/2/priority", "/tasks/3/schedule_expr"}
    assert not Task.objects.exists()
    assert not Calendar.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        ([], [""]),
        ({}, ["/ordinaut", "/tasks"]),
        ({"ordinaut": 2, "tasks": {}, "more": 1}, ["/more", "/ordinaut", "/tasks"]),
        ({"ordinaut": True, "tasks": []}, ["/ordinaut"]),
        (document(1, {}), ["/tasks/0", "/tasks/1/title", "/tasks/1/schedule_kind", "/tasks/1/payload"]),
        (document(TASK | {"next_run_at": None, "a/b": 1}), ["/tasks/0/next_run_at", "/tasks/0/a~1b"]),
        (document(TASK | {"title": 1, "priority": True, "payload": []}), ["/tasks/0/title", "/tasks/0/payload", "/tasks/0/priority"]),
        (document(TASK | {"schedule_kind": "daily", "status": "canceled"}), ["/tasks/0/schedule_kind", "/tasks/0/status"]),
        (document(TASK | {"starts_at": "soon", "ends_at": "0001-01-01T00:00:00+14:00"}), ["/tasks/0/starts_at", "/tasks/0/ends_at"]),
        (document(TASK | {"dtstart": "2026-01-01T00:00:00Z"}), ["/tasks/0/dtstart"]),
        (document(TASK | {"dtstart": "yesterday", "id": "7"}), ["/tasks/0/dtstart", "/tasks/0/id"]),
        (document(calendars=[{"name": "a"}, 1]), ["/calendars/0/definition", "/calendars/1"]),
        (document(calendars=[{"name": "a", "definition": {"weekends": True}}] * 2), ["/calendars/1/name"]),
        (document(*[{}] * 1001), ["/tasks"]),
    ],
    ids=range(14),
)  # fmt: skip
@pytest.mark.parametrize("verb", ["import", "plan", "apply"])
def test_a_document_of_another_shape_is_refused(
    as_alice: APIClient, verb: str, value: Any, pointers: list[str]
) -> None:
    answer = as_alice.post(f"{API}/{verb}", value)

    assert answer.status_code == 422
    assert sorted(faults_of(answer)) == sorted(pointers)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"ordinaut: 1\ntasks: []\n", "application/yaml", 201),
        (b'{"ordinaut": 1, "tasks": []}', "application/json", 201),
        *((b"ordinaut: 1\ntasks: []\n", older, 201) for older in OLDER),
        (b"ordinaut: 1\ntasks: []\n", "text/x-yaml; charset=utf-8", 201),
        (b"ordinaut: 1\ntasks: []\n", "text/json", 415),
        (b"a: &x 1", "application/yaml", 400),
        (b'{"a": 1, "a": 1}', "application/json", 400),
        (b"ordinaut: 1", "text/plain", 415),
        (b"a: 1", "application/yaml; charset=latin-1", 400),
    ],
    ids=range(11),
)
def test_a_body_is_yaml_or_json(as_alice: APIClient, body: bytes, content_type: str, status: int) -> None:
    answer = as_alice.generic("POST", f"{API}/import", body, content_type=content_type)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == ("application/json" if status == 201 else "application/problem+json")


def test_the_openapi_document_describes_what_is_read() -> None:
    fields = DocumentTaskSerializer().fields

    assert set(fields) == OF_A_TASK
    assert {name for name, field in fields.items() if field.required} == set(NEEDED)
    assert not any(field.read_only for field in fields.values())


def test_a_document_is_the_callers_unless_an_admin_names_somebody(
    as_admin: APIClient, as_alice: APIClient, alice: Agent
) -> None:
    whose = f"?created_by={alice.pk}"
    assert as_admin.post(f"{API}/import{whose}", document(TASK)).status_code == 201

    assert Task.objects.get().created_by == alice
    assert AuditEntry.objects.get(action="task.created").actor != f"agent:{alice.pk}"
    assert len(as_admin.get(f"{API}/export{whose}").json()["tasks"]) == 1
    assert as_admin.get(f"{API}/export").json()["tasks"] == []
    another = f"?created_by={make_agent().pk}"
    for method, verb, sent in (
        ("get", "export", {}),
        *(("post", verb, document()) for verb in ("import", "plan", "apply")),
    ):
        assert getattr(as_alice, method)(f"{API}/{verb}{another}", sent).status_code == 403
        nobodys = getattr(as_admin, method)(f"{API}/{verb}?created_by={uuid4()}", sent)
        assert faults_of(nobodys) == {"/created_by": "There is no such agent."}


def test_what_a_document_does_needs_the_scope_for_it(alice: Agent) -> None:
    make_task(alice, title="old")
    only = client_of(make_agent(scopes=("tasks:update",)))
    Task.objects.update(created_by=Agent.objects.latest("created_at"))

    creating = only.post(f"{API}/apply", document(TASK))
    deleting = only.post(f"{API}/apply?prune=true", document())
    changing = only.post(f"{API}/apply", document(TASK | {"title": "old", "priority": 7}))

    assert (creating.status_code, deleting.status_code, changing.status_code) == (403, 403, 200)
    assert "tasks:create" in creating.json()["detail"]
    assert "tasks:delete" in deleting.json()["detail"]


def test_dates_learnt_while_planning_are_forgotten(as_alice: APIClient, alice: Agent) -> None:
    """A plan that is taken back leaves a version's number to another change, with other dates."""
    calendar = {"name": "off", "definition": {"dates": ["2030-01-01"]}}
    task = TASK | {"calendar": "off", "schedule_kind": "cron", "schedule_expr": "0 9 * * *"}
    assert as_alice.post(f"{API}/import", document(task, calendars=[calendar])).status_code == 201

    planned = calendar | {"definition": {"dates": ["2031-01-01"]}}
    assert as_alice.post(f"{API}/plan", document(task | {"priority": 9}, calendars=[planned])).status_code == 200
    changed = Calendar.objects.get()
    as_alice.patch(f"/api/v1/calendars/{changed.pk}", {"definition": {"dates": ["2032-01-01"]}})

    changed.refresh_from_db()
    from datetime import date

    assert dates_of(changed).name_of(date(2032, 1, 1)) is not None
    assert dates_of(changed).name_of(date(2031, 1, 1)) is None
    assert json.loads(json.dumps(changed.definition)) == {"dates": ["2032-01-01"]}
