"""Run now, pause, resume, cancel, delete: each legal move and each refusal."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tasks_app import queue
from tasks_app.events import wakeup
from tasks_app.exceptions import IllegalMove, InvalidRequest
from tasks_app.models import AuditEntry, Run, Task
from tasks_app.models.clock import database_now
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM, Actor
from tests.making import claim, claim_one, events_of, make_run, make_task

pytestmark = pytest.mark.django_db

ACTOR = Actor("user:ann", request_id="req-3")
Verb = Callable[..., Any]


def hourly(**fields: Any) -> Task:
    return make_task(**({"schedule_kind": "interval", "schedule_expr": "PT1H"} | fields))


def audited(task: Task) -> list[str]:
    return list(AuditEntry.objects.filter(object_id=task.pk).order_by("id").values_list("action", flat=True))


LEGAL = [
    (tasks.pause, "active", "paused", "task.paused"),
    (tasks.resume, "paused", "active", "task.resumed"),
    (tasks.cancel, "active", "canceled", "task.canceled"),
    (tasks.cancel, "paused", "canceled", "task.canceled"),
    (tasks.cancel, "completed", "canceled", "task.canceled"),
]
REPEATED = [(tasks.pause, "paused"), (tasks.cancel, "canceled")]
ILLEGAL = [
    (tasks.pause, "completed"),
    (tasks.pause, "canceled"),
    (tasks.resume, "active"),
    (tasks.resume, "completed"),
    (tasks.resume, "canceled"),
    (tasks.run_now, "paused"),
    (tasks.run_now, "canceled"),
]
VERBS: list[Verb] = [tasks.pause, tasks.resume, tasks.cancel, tasks.run_now]


def names(cases: list[Any]) -> list[str]:
    return [f"{case[0].__name__} {case[1]}" for case in cases]


@pytest.mark.parametrize(("verb", "before", "after", "event"), LEGAL, ids=names(LEGAL))
def test_a_legal_move_is_made_told_and_audited(verb: Verb, before: str, after: str, event: str) -> None:
    task, bystander = hourly(status=before), hourly(status=before)

    answer = verb(task, actor=ACTOR)

    task.refresh_from_db()
    assert task.status == answer.status == after
    assert events_of(task) == audited(task) == [event]
    bystander.refresh_from_db()
    assert bystander.status == before


@pytest.mark.parametrize(("verb", "status"), REPEATED, ids=names(REPEATED))
def test_a_move_that_was_made_already_changes_nothing(verb: Verb, status: str) -> None:
    task = hourly(status=status)

    assert verb(task, actor=ACTOR).status == status

    assert events_of(task) == audited(task) == []


@pytest.mark.parametrize(("verb", "status"), ILLEGAL, ids=names(ILLEGAL))
def test_an_illegal_move_is_refused_with_its_cure(verb: Verb, status: str) -> None:
    task = hourly(status=status)

    with pytest.raises(IllegalMove, match=status):
        verb(task, actor=ACTOR)

    task.refresh_from_db()
    assert task.status == status
    assert events_of(task) == audited(task) == []
    assert not Run.objects.exists()


@pytest.mark.parametrize("verb", VERBS, ids=[verb.__name__ for verb in VERBS])
def test_a_task_that_was_deleted_meanwhile_can_do_nothing_more(verb: Verb) -> None:
    task = hourly()
    tasks.delete(task, actor=SYSTEM)

    with pytest.raises(IllegalMove, match="deleted"):
        verb(task, actor=ACTOR)

    assert not Run.objects.exists()


@pytest.mark.parametrize("status", ["active", "completed"])
def test_run_now_queues_a_run_of_the_tasks_version(status: str) -> None:
    task = hourly(status=status, priority=8, version=3)

    run = tasks.run_now(task, actor=ACTOR, params={"city": "Chisinau"})

    assert (run.state, run.trigger, run.priority, run.task_version) == ("queued", "run_now", 8, 3)
    assert (run.input, run.scheduled_for, run.request_id) == ({"params": {"city": "Chisinau"}}, None, "req-3")
    assert run.agent_id == task.created_by_id
    assert events_of(run) == ["run.queued"]
    assert AuditEntry.objects.get(object_id=task.pk).details == {"run": str(run.pk)}


def test_run_now_without_params_gives_none() -> None:
    assert tasks.run_now(hourly(), actor=ACTOR).input is None


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"text": "a\0b"}, "/params/text"),
        ({"list": ["\ud800"]}, "/params/list/0"),
        ({"number": 2**70}, "/params/number"),
        ({"number": float("nan")}, "/params/number"),
    ],
)
def test_params_that_cannot_be_stored_are_refused_with_their_place(params: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        tasks.run_now(hourly(), actor=ACTOR, params=params)

    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert not Run.objects.exists()


def test_a_worker_is_woken_only_when_the_run_is_there_to_be_seen(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    woken = []
    monkeypatch.setattr(wakeup, "send", lambda: woken.append(Run.objects.count()))

    with django_capture_on_commit_callbacks(execute=True):
        tasks.run_now(hourly(), actor=ACTOR)
        assert woken == []

    assert woken == [1]


def test_a_pause_keeps_the_cursor_so_that_passing_instants_are_accounted_for() -> None:
    moment = database_now()
    task = hourly(next_run_at=moment)

    tasks.pause(task, actor=ACTOR)

    assert Task.objects.get(pk=task.pk).next_run_at == moment


def test_a_task_paused_for_its_broken_schedule_is_planned_anew_when_it_is_resumed() -> None:
    task = hourly(status="paused", next_run_at=None)

    tasks.resume(task, actor=ACTOR)

    task.refresh_from_db()
    assert task.status == "active"
    assert task.next_run_at is not None


def test_a_task_that_is_resumed_goes_on_from_where_its_schedule_stands() -> None:
    moment = database_now()
    moment += timedelta(minutes=5)
    task = hourly(status="paused", next_run_at=moment)

    tasks.resume(task, actor=ACTOR)

    assert Task.objects.get(pk=task.pk).next_run_at == moment


def test_a_manual_task_that_is_resumed_plans_nothing() -> None:
    assert tasks.resume(make_task(status="paused"), actor=ACTOR).next_run_at is None


def test_a_task_whose_schedule_still_makes_no_sense_is_not_resumed() -> None:
    task = hourly(status="paused", next_run_at=None, timezone="Mars/Olympus_Mons")

    with pytest.raises(InvalidRequest) as refused:
        tasks.resume(task, actor=ACTOR)

    assert [fault.pointer for fault in refused.value.faults] == ["/timezone"]
    assert Task.objects.get(pk=task.pk).status == "paused"


@pytest.mark.parametrize("verb", [tasks.cancel, tasks.delete])
def test_the_end_of_a_task_ends_its_unfinished_runs_and_spares_the_finished(verb: Verb) -> None:
    task = hourly(next_run_at=database_now())
    finished = make_run(task)
    queue.apply(queue.succeed(claim_one().lease))
    running, parked = make_run(task), make_run(task)
    leases = {each.id: each.lease for each in claim()}
    queue.apply(queue.park(leases[parked.pk], delay=60))
    queued, other = make_run(task), make_run()

    verb(task, actor=ACTOR)

    states = dict(Run.objects.values_list("pk", "state"))
    assert states == {
        finished.pk: "succeeded",
        running.pk: "canceled",
        parked.pk: "canceled",
        queued.pk: "canceled",
        other.pk: "queued",
    }
    assert Task.objects.get(pk=task.pk).next_run_at is None


def test_a_deleted_task_and_its_runs_are_out_of_sight_and_deleting_again_changes_nothing() -> None:
    task = hourly()
    make_run(task)

    tasks.delete(task, actor=ACTOR)
    tasks.delete(task, actor=ACTOR)

    assert not Task.objects.owned_by(task.created_by).exists()
    assert not Run.objects.owned_by(task.created_by).exists()
    assert events_of(task) == audited(task) == ["task.deleted"]
