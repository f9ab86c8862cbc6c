"""Verbs for many tasks in one request: each is told what became of it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tasks_app.models import Agent, AuditEntry, Run, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tasks_app.services import many_moves
from tests.integration.api.making import client_of, make_task
from tests.making import events_of, make_agent, make_run, told

URL = "/api/v1/tasks/bulk"
VERBS = {"pause": "paused", "resume": "resumed", "cancel": "canceled", "delete": "deleted"}
SCOPES = {
    "pause": "tasks:update",
    "resume": "tasks:update",
    "cancel": "tasks:update",
    "delete": "tasks:delete",
    "run_now": "runs:write",
}


def ask(client: APIClient, verb: str, *tasks: Task | uuid.UUID, **more: Any) -> dict[str, Any]:
    ids = [str(task.pk if isinstance(task, Task) else task) for task in tasks]
    answer = client.post(f"{URL}/{verb}", {"ids": ids, **more}, headers={"X-Request-ID": "req-9"})
    assert answer.status_code == 200, answer.json()
    found: dict[str, Any] = answer.json()
    assert [each["id"] for each in found["items"]] == ids
    return found


def outcomes(client: APIClient, verb: str, *tasks: Task | uuid.UUID, **more: Any) -> list[str]:
    return [each["outcome"] for each in ask(client, verb, *tasks, **more)["items"]]


def paused(owner: Agent, **fields: Any) -> Task:
    task = make_task(owner, **fields)
    client_of(owner).post(f"/api/v1/tasks/{task.pk}/pause")
    return task


def canceled(owner: Agent) -> Task:
    task = make_task(owner)
    client_of(owner).post(f"/api/v1/tasks/{task.pk}/cancel")
    return task


def status_of(task: Task) -> str:
    return str(Task.objects.get(pk=task.pk).status)


def test_each_task_is_told_what_became_of_it(as_alice: APIClient, alice: Agent, bob: Agent) -> None:
    active, rests, ended, foreign = make_task(alice), paused(alice), canceled(alice), make_task(bob)
    absent = uuid.uuid4()

    assert outcomes(as_alice, "pause", active, rests, ended, foreign, absent) == [
        "moved",
        "already",
        "illegal",
        "not_found",
        "not_found",
    ]
    assert (status_of(active), status_of(foreign)) == ("paused", "active")
    assert outcomes(as_alice, "resume", active, rests, ended) == ["moved", "moved", "illegal"]
    assert outcomes(as_alice, "resume", active) == ["illegal"]
    assert outcomes(as_alice, "cancel", active, ended, foreign) == ["moved", "already", "not_found"]
    assert outcomes(as_alice, "delete", active, rests, ended, foreign) == ["moved", "moved", "moved", "not_found"]
    assert outcomes(as_alice, "delete", active) == ["not_found"]
    assert list(Task.objects.present()) == [foreign]


def test_what_is_illegal_is_told_with_the_words_of_the_single_verb(as_alice: APIClient, alice: Agent) -> None:
    ended = canceled(alice)

    [told_of] = ask(as_alice, "pause", ended)["items"]

    alone = as_alice.post(f"/api/v1/tasks/{ended.pk}/pause").json()["detail"]
    assert told_of == {"id": str(ended.pk), "outcome": "illegal", "detail": alone, "run_id": None}


@pytest.mark.parametrize("verb", VERBS)
def test_many_end_as_one_alone_does_with_its_events_and_entries(as_alice: APIClient, alice: Agent, verb: str) -> None:
    make = paused if verb == "resume" else make_task
    alone, many = make(alice), [make(alice) for _ in range(3)]
    for task in (alone, *many):
        make_run(task)

    if verb == "delete":
        as_alice.delete(f"/api/v1/tasks/{alone.pk}")
    else:
        as_alice.post(f"/api/v1/tasks/{alone.pk}/{verb}")
    answer = ask(as_alice, verb, *many)

    assert answer["moved"] == 3
    assert {str(each) for task in many for each in [events_of(task)]} == {str(events_of(alone))}
    told_last = [told(aggregate_id=task.pk)[-1] for task in (alone, *many)]
    assert {(event.type, event.agent, str(event.data)) for event in told_last} == {
        (f"task.{VERBS[verb]}", alice.pk, "{}")
    }
    assert {event.request_id for event in told_last[1:]} == {"req-9"}
    entries = AuditEntry.objects.filter(action=f"task.{VERBS[verb]}")
    assert {entry.object_id for entry in entries} == {task.pk for task in (alone, *many)}
    assert {(entry.actor, str(entry.details)) for entry in entries} == {(f"agent:{alice.pk}", "{}")}
    fields = ("status", "next_run_at", "due_at", "paused_at", "deleted_at")
    rows = Task.objects.values_list(*fields)
    empties = {tuple(value is None for value in row[1:]) for row in rows}
    assert ({row[0] for row in rows}, len(empties)) == ({status_of(alone)}, 1)
    assert len({run.state for run in Run.objects.all()}) == 1


def test_those_that_are_resumed_catch_up_as_one_alone_does(as_alice: APIClient, alice: Agent) -> None:
    past = database_now().replace(microsecond=0) - timedelta(minutes=90)
    tasks = [paused(alice, misfire_policy=policy) for policy in ("latest", "all", "skip")]
    tasks.append(paused(alice))
    for task in tasks[:3]:
        Task.objects.filter(pk=task.pk).update(paused_at=past - timedelta(hours=1))
        SkippedOccurrence.objects.bulk_create(
            SkippedOccurrence(task=task, scheduled_for=past + timedelta(hours=number), reason="paused")
            for number in (0, 1)
        )

    assert outcomes(as_alice, "resume", *tasks) == ["moved"] * 4

    runs = [sorted(task.runs.values_list("scheduled_for", flat=True)) for task in tasks]
    assert runs == [[past + timedelta(hours=1)], [past, past + timedelta(hours=1)], [], []]
    assert [task.skipped_occurrences.count() for task in tasks] == [1, 0, 2, 0]
    assert set(Task.objects.values_list("status", "paused_at")) == {("active", None)}
    assert [Task.objects.get(pk=task.pk).occurrences for task in tasks] == [1, 2, 0, 0]


def test_one_whose_last_run_is_caught_up_with_is_completed(as_alice: APIClient, alice: Agent) -> None:
    task, other = paused(alice, max_occurrences=1), paused(alice)
    past = database_now() - timedelta(minutes=5)
    Task.objects.filter(pk=task.pk).update(paused_at=past - timedelta(hours=1))
    SkippedOccurrence.objects.create(task=task, scheduled_for=past, reason="paused")

    assert outcomes(as_alice, "resume", task, other) == ["moved", "moved"]

    assert (status_of(task), status_of(other)) == ("completed", "active")
    assert events_of(task)[-2:] == ["task.resumed", "task.completed"]


def test_one_whose_schedule_makes_no_sense_any_more_stays_paused_and_the_others_go_on(
    as_alice: APIClient, alice: Agent
) -> None:
    broken, other = paused(alice), paused(alice)
    Task.objects.filter(pk=broken.pk).update(timezone="Mars/Base", due_at=None, next_run_at=None)

    [first, second] = ask(as_alice, "resume", broken, other)["items"]

    assert (first["outcome"], second["outcome"]) == ("illegal", "moved")
    assert "/timezone" in first["detail"]
    assert (status_of(broken), status_of(other)) == ("paused", "active")


def test_two_under_one_dedupe_key_that_are_resumed_catch_up_once(as_alice: APIClient, alice: Agent) -> None:
    past = database_now() - timedelta(minutes=5)
    tasks = [paused(alice, dedupe_key="same") for _ in range(2)]
    Task.objects.update(paused_at=past - timedelta(hours=1))
    for task in tasks:
        SkippedOccurrence.objects.create(task=task, scheduled_for=past, reason="paused")

    assert outcomes(as_alice, "resume", *tasks) == ["moved", "moved"]

    assert Run.objects.count() == 1


def test_run_now_makes_a_run_of_each_and_says_which(as_alice: APIClient, alice: Agent) -> None:
    tasks, rests = [make_task(alice) for _ in range(2)], paused(alice)

    items = ask(as_alice, "run_now", *tasks, rests, params={"city": "Balti"}, mode="simulate")["items"]

    assert [each["outcome"] for each in items] == ["moved", "moved", "illegal"]
    for each, task in zip(items, tasks, strict=False):
        run = Run.objects.get(pk=each["run_id"])
        assert (run.task, run.trigger, run.simulated, run.request_id) == (task, "run_now", True, "req-9")
        assert run.input == {"params": {"city": "Balti"}}
        entry = AuditEntry.objects.get(action="task.run_now", object_id=task.pk)
        assert entry.details == {"run": each["run_id"], "mode": "simulate"}
    assert items[2]["run_id"] is None


def test_run_now_keeps_to_dedupe_keys_and_to_what_the_owner_may_have_in_a_day(
    as_alice: APIClient, alice: Agent
) -> None:
    twins, earlier = [make_task(alice, dedupe_key="same") for _ in range(2)], make_task(alice, dedupe_key="ran")
    make_run(earlier, dedupe_key="ran")
    plain = [make_task(alice) for _ in range(2)]
    Agent.objects.filter(pk=alice.pk).update(runs_per_day=2)

    items = ask(as_alice, "run_now", *twins, earlier, *plain)["items"]

    by_task = {each["id"]: each for each in items}
    assert [by_task[str(task.pk)]["outcome"] for task in (*twins, earlier)] == ["moved", "illegal", "illegal"]
    assert "has the run" in by_task[str(twins[1].pk)]["detail"]
    assert "dedupe_key 'ran'" in by_task[str(earlier.pk)]["detail"]
    assert [by_task[str(task.pk)]["outcome"] for task in plain] == ["moved", "illegal"]
    assert "2 runs of this day" in by_task[str(plain[1].pk)]["detail"]
    assert Agent.objects.get(pk=alice.pk).runs_counted == 2


@pytest.mark.parametrize("verb", SCOPES)
def test_a_verb_needs_the_scope_of_the_single_one(db: None, verb: str) -> None:
    agent = make_agent(scopes=(SCOPES[verb],))
    others = tuple(sorted(set(SCOPES.values()) - {SCOPES[verb]}))
    task = make_task(agent)
    stranger = client_of(make_agent(scopes=others))

    assert ask(client_of(agent), verb, task)["items"][0]["outcome"] in {"moved", "illegal"}
    assert stranger.post(f"{URL}/{verb}", {"ids": [str(task.pk)]}).status_code == 403


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_nothing_but_post_is_answered(as_alice: APIClient, alice: Agent, method: str) -> None:
    task = make_task(alice)

    assert getattr(as_alice, method)(f"{URL}/delete", {"ids": [str(task.pk)]}).status_code == 405
    assert status_of(task) == "active"


TWICE = str(uuid.UUID(int=7))


@pytest.mark.parametrize(
    ("verb", "body", "pointer"),
    [
        ("pause", {}, "/ids"),
        ("pause", {"ids": []}, "/ids"),
        ("pause", {"ids": "x"}, "/ids"),
        ("pause", {"ids": ["x"]}, "/ids/0"),
        ("pause", {"ids": [7]}, "/ids/0"),
        ("pause", {"ids": [TWICE, TWICE]}, "/ids/1"),
        ("pause", {"ids": [str(uuid.UUID(int=number)) for number in range(1001)]}, "/ids"),
        ("pause", {"ids": [TWICE], "params": {}}, "/params"),
        ("run_now", {"ids": [TWICE], "params": []}, "/params"),
        ("run_now", {"ids": [TWICE], "mode": "dry"}, "/mode"),
    ],
)
def test_what_names_no_tasks_is_refused(as_alice: APIClient, verb: str, body: Any, pointer: str) -> None:
    answer = as_alice.post(f"{URL}/{verb}", body)

    assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (422, [pointer])


@pytest.mark.parametrize("verb", SCOPES)
def test_many_cost_as_many_queries_as_few(as_alice: APIClient, alice: Agent, verb: str) -> None:
    past = database_now() - timedelta(minutes=5)
    tasks = [make_task(alice, priority=each) for each in range(1, 9)]
    if verb == "resume":
        ask(as_alice, "pause", *tasks)
        Task.objects.update(paused_at=past - timedelta(hours=1))
        for task in tasks:
            SkippedOccurrence.objects.create(task=task, scheduled_for=past, reason="paused")
    else:
        for task in tasks:
            make_run(task)
    counts = []

    for some in (tasks[:2], tasks[2:]):
        with CaptureQueriesContext(connection) as counted:
            assert outcomes(as_alice, verb, *some) == ["moved"] * len(some)
        counts.append(len(counted))

    assert counts[0] == counts[1] < 40


@pytest.mark.parametrize("verb", ["cancel", "delete"])
def test_so_many_runs_are_canceled_at_once_and_no_more(
    as_alice: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(many_moves, "MOST_RUNS", 3)
    monkeypatch.setattr(many_moves, "_RUNS_A_STATEMENT", 2)
    tasks = [make_task(alice) for _ in range(2)]
    for task in tasks:
        make_run(task)
        make_run(task)

    answer = as_alice.post(f"{URL}/{verb}", {"ids": [str(task.pk) for task in tasks]})
    make_run(tasks[1])
    assert outcomes(as_alice, verb, tasks[1]) == ["moved"]

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    assert [run.state for run in Run.objects.order_by("pk")] == ["queued"] * 2 + ["canceled"] * 3
    assert status_of(tasks[0]) == "active"
