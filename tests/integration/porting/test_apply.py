"""What applying a document does, that it was shown before, and which task an entry means."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent, AuditEntry, Calendar, OutboxEntry, Task
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tests.integration.api.making import TASK, make_task
from tests.integration.porting.test_api import API, actions_of, document, faults_of
from tests.making import events_of, make_agent

ONCE = {"schedule_kind": "once", "schedule_expr": "2020-01-01T00:00:00"}


def test_what_differs_is_told_first_and_nothing_is_changed_by_that(as_alice: APIClient, alice: Agent) -> None:
    report, kept, old = (make_task(alice, title=title) for title in ("report", "kept", "old"))
    before = list(Task.objects.order_by("id").values())
    told = OutboxEntry.objects.count(), AuditEntry.objects.count()
    sent = document(TASK | {"title": "report", "priority": 8}, TASK | {"title": "kept"}, TASK | {"title": "new"})

    answer = as_alice.post(f"{API}/plan?prune=true", sent)

    assert actions_of(answer) == [
        ("report", "changed"),
        ("kept", "unchanged"),
        ("new", "created"),
        ("old", "deleted"),
    ]
    plan = answer.json()
    assert plan["counts"] == {"created": 1, "changed": 1, "unchanged": 1, "deleted": 1}
    assert [each["id"] for each in plan["tasks"]] == [str(report.pk), str(kept.pk), None, str(old.pk)]
    assert plan["tasks"][0]["fields"] == [{"field": "priority", "before": 5, "after": 8}]
    assert {"field": "schedule_expr", "before": None, "after": "PT1H"} in plan["tasks"][2]["fields"]
    assert list(Task.objects.order_by("id").values()) == before
    assert (OutboxEntry.objects.count(), AuditEntry.objects.count()) == told


def test_what_was_shown_is_what_is_done_and_then_nothing_is_left(as_alice: APIClient, alice: Agent) -> None:
    report, old = make_task(alice, title="report"), make_task(alice, title="old")
    sent = document(TASK | {"title": "report", "priority": 8}, TASK | {"title": "new"})
    plan = as_alice.post(f"{API}/plan?prune=true", sent).json()

    done = as_alice.post(f"{API}/apply?prune=true&fingerprint={plan['fingerprint']}", sent)
    again = as_alice.post(f"{API}/plan?prune=true", sent)

    assert actions_of(done) == [("report", "changed"), ("new", "created"), ("old", "deleted")]
    assert done.json()["tasks"][1]["id"] == str(Task.objects.get(title="new").pk)
    assert (events_of(report)[-1], events_of(old)[-1]) == ("task.updated", "task.deleted")
    assert actions_of(again) == [("report", "unchanged"), ("new", "unchanged")]


@pytest.mark.parametrize("moved", ["changed", "made", "deleted"])
def test_a_plan_that_has_become_another_is_not_carried_out(as_alice: APIClient, alice: Agent, moved: str) -> None:
    report = make_task(alice, title="report")
    sent = document(TASK | {"title": "report", "priority": 8})
    plan = as_alice.post(f"{API}/plan?prune=true", sent).json()
    if moved == "changed":
        tasks.update_task(report, actor=SYSTEM, changes={"priority": 1})
    elif moved == "made":
        make_task(alice, title="another")
    else:
        tasks.delete(report, actor=SYSTEM)

    answer = as_alice.post(f"{API}/apply?prune=true&fingerprint={plan['fingerprint']}", sent)

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    assert "ask for a new one" in answer.json()["detail"]
    assert not Task.objects.filter(priority=8).exists()


def test_what_is_left_out_returns_to_its_default_but_the_zone_and_the_anchor_stay(
    as_alice: APIClient, alice: Agent
) -> None:
    fields: dict[str, Any] = {"timezone": "Europe/Chisinau", "dtstart": "2026-01-01T09:00:00"}
    make_task(alice, title="report", priority=9, description="long", ends_at="2100-01-01T00:00:00Z", **fields)

    answer = as_alice.post(f"{API}/apply", document(TASK | {"title": "report"}))

    assert answer.json()["tasks"][0]["fields"] == [
        {"field": "description", "before": "long", "after": ""},
        {"field": "ends_at", "before": "2100-01-01T00:00:00Z", "after": None},
        {"field": "priority", "before": 9, "after": 5},
    ]
    changed = Task.objects.get()
    assert (changed.timezone, changed.dtstart, changed.ends_at) == ("Europe/Chisinau", "2026-01-01T09:00:00", None)


def test_true_is_not_one_and_one_is_not_one_point_nought(as_alice: APIClient, alice: Agent) -> None:
    make_task(alice, payload=TASK["payload"] | {"params": {"a": 1}})

    for value in (True, 1.0, 1):
        sent = document(TASK | {"title": "Every hour", "payload": TASK["payload"] | {"params": {"a": value}}})
        assert actions_of(as_alice.post(f"{API}/apply", sent)) == [("Every hour", "changed")]
        assert repr(Task.objects.get().payload["params"]["a"]) == repr(value)


def test_a_task_is_paused_and_resumed_as_the_document_says(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)

    for status, event in (("paused", "task.paused"), ("active", "task.resumed")):
        answer = as_alice.post(f"{API}/apply", document(TASK | {"status": status}))
        assert [each["field"] for each in answer.json()["tasks"][0]["fields"]] == ["status"]
        assert events_of(task)[-1] == event
        assert actions_of(as_alice.post(f"{API}/plan", document(TASK | {"status": status})))[0][1] == "unchanged"


def test_a_completed_task_has_done_what_its_document_says(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice, title="once", misfire_policy="all", **ONCE | {"schedule_expr": "2100-01-01T00:00:00"})
    Task.objects.update(status="completed", due_at=None, next_run_at=None)
    same = TASK | ONCE | {"title": "once", "schedule_expr": "2100-01-01T00:00:00", "misfire_policy": "all"}

    assert actions_of(as_alice.post(f"{API}/apply?prune=true", document(same))) == [("once", "unchanged")]
    as_alice.post(f"{API}/apply", document(same | {"priority": 9}))
    task.refresh_from_db()
    assert (task.status, task.priority) == ("completed", 9)
    later = as_alice.post(f"{API}/apply", document(same | {"schedule_expr": "2101-01-01T00:00:00", "status": "paused"}))

    task.refresh_from_db()
    assert task.status == "paused"
    assert {"field": "status", "before": "completed", "after": "paused"} in later.json()["tasks"][0]["fields"]


def test_a_canceled_task_and_a_completed_one_beside_a_living_are_not_meant(as_alice: APIClient, alice: Agent) -> None:
    tasks.cancel(make_task(alice, title="a"), actor=SYSTEM)
    done = make_task(alice, title="b")
    Task.objects.filter(pk=done.pk).update(status="completed", due_at=None, next_run_at=None)
    living = make_task(alice, title="b")

    answer = as_alice.post(f"{API}/plan?prune=true", document(TASK | {"title": "a"}, TASK | {"title": "b"}))

    assert actions_of(answer) == [("a", "created"), ("b", "unchanged")]
    assert answer.json()["tasks"][1]["id"] == str(living.pk)


def test_a_title_that_two_tasks_have_needs_the_id_of_one(as_alice: APIClient, alice: Agent) -> None:
    first, second = make_task(alice, title="twin"), make_task(alice, title="twin")

    refused = as_alice.post(f"{API}/plan", document(TASK | {"title": "twin"}))
    renamed = TASK | {"title": "other", "id": str(first.pk)}
    answer = as_alice.post(f"{API}/apply?prune=true", document(renamed, TASK | {"title": "twin"}))

    assert list(faults_of(refused)) == ["/tasks/0/title"]
    assert str(first.pk) in faults_of(refused)["/tasks/0/title"]
    assert actions_of(answer) == [("other", "changed"), ("twin", "unchanged")]
    assert answer.json()["tasks"][1]["id"] == str(second.pk)


def test_an_entry_that_means_nothing_or_the_same_twice_is_refused(as_alice: APIClient, alice: Agent) -> None:
    task, theirs = make_task(alice), make_task(make_agent())
    sent = document(
        TASK | {"title": "x"},
        TASK | {"title": "x"},
        TASK | {"id": str(task.pk)},
        TASK | {"id": str(task.pk)},
        TASK | {"id": str(theirs.pk), "title": "y"},
        TASK | {"id": str(uuid4()), "title": "z", "calendar": "none"},
    )

    answer = as_alice.post(f"{API}/apply", sent)

    assert set(faults_of(answer)) == {"/tasks/1/title", "/tasks/3/id", "/tasks/4/id", "/tasks/5/id"}


def test_an_import_takes_no_ids_and_no_titles_that_are_there(as_alice: APIClient, alice: Agent) -> None:
    make_task(alice, title="there")

    answer = as_alice.post(f"{API}/import", document(TASK | {"title": "there"}, TASK | {"id": str(uuid4())}))

    assert set(faults_of(answer)) == {"/tasks/0/title", "/tasks/1/id"}
    assert as_alice.post(f"{API}/import", document(TASK, TASK)).json()["counts"]["created"] == 2


def test_calendars_are_made_changed_and_told_apart(as_alice: APIClient, alice: Agent) -> None:
    off = {"name": "off", "definition": {"calendar": "days"}}
    days = {"name": "days", "description": "d", "definition": {"dates": ["2030-01-01"]}}
    task = TASK | {"calendar": "off"}

    made = as_alice.post(f"{API}/apply", document(task, calendars=[off, days]))
    same = as_alice.post(f"{API}/import", document(TASK | {"title": "b"}, calendars=[days]))
    another = days | {"definition": {"dates": ["2031-01-01"]}}
    refused = as_alice.post(f"{API}/import", document(calendars=[another]))
    changed = as_alice.post(f"{API}/apply", document(calendars=[another]))

    shown = [(each["name"], each["action"]) for each in made.json()["calendars"]]
    assert shown == [("off", "created"), ("days", "created")]
    assert Task.objects.get(title="Every hour").calendar == Calendar.objects.get(name="off")
    assert same.json()["calendars"][0]["action"] == "unchanged"
    assert list(faults_of(refused)) == ["/calendars/0/name"]
    assert changed.json()["calendars"][0]["fields"] == [
        {"field": "definition", "before": {"dates": ["2030-01-01"]}, "after": {"dates": ["2031-01-01"]}}
    ]
    assert Calendar.objects.get(name="days").definition == another["definition"]


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        (document(TASK | {"calendar": "nowhere"}), "/tasks/0/calendar"),
        (document(calendars=[{"name": "a", "definition": {"moon": True}}]), "/calendars/0/definition"),
        (
            document(calendars=[{"name": "a", "definition": {"calendar": "b"}}, {"name": "b", "definition": {"calendar": "a"}}]),
            "/calendars/1/definition/calendar",
        ),
    ],
    ids=range(3),
)  # fmt: skip
@pytest.mark.parametrize("verb", ["import", "plan", "apply"])
def test_a_calendar_that_is_not_there_or_is_none_is_refused(
    as_alice: APIClient, verb: str, sent: Any, pointer: str
) -> None:
    answer = as_alice.post(f"{API}/{verb}", sent)

    assert answer.status_code == 422
    assert list(faults_of(answer)) == [pointer]
    assert not Calendar.objects.exists()


def test_a_change_that_breaks_a_rule_is_told_with_its_place_beside_the_faults_of_new_ones(
    as_alice: APIClient, alice: Agent
) -> None:
    make_task(alice, title="a")
    make_task(alice, title="b")
    sent = document(
        TASK | {"title": "a", "priority": 9},
        TASK | {"title": "b", "schedule_expr": "PT0S"},
        TASK | {"title": "c", "timezone": "Mars/Base"},
    )

    answer = as_alice.post(f"{API}/apply", sent)

    assert set(faults_of(answer)) == {"/tasks/1/schedule_expr", "/tasks/2/timezone"}
    assert set(Task.objects.values_list("priority", flat=True)) == {5}
