"""A step makes tasks and runs of the same agent: once, with its rights, and not without end."""

import threading
from dataclasses import replace
from datetime import timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from pipelines import ToolFailure
from tasks_app import catalogue
from tasks_app.models import Agent, AuditEntry, Deed, Run, Task
from tasks_app.models.clock import database_now
from tasks_app.services import deeds, making, tasks
from tasks_app.services.actor import SYSTEM
from tasks_app.services.deeds import Source
from tasks_app.services.making import Wanted
from tests.integration.execution.conftest import until
from tests.integration.execution.test_publish_event import call_of
from tests.integration.execution.work import MakeWorker, pipeline, state_of
from tests.making import make_agent, make_run, make_task, steps_of, the_step

pytestmark = pytest.mark.django_db(transaction=True)

ECHO = {"id": "say", "uses": "debug.echo", "with": {"n": "${params.n}"}}


def maker(*scopes: str) -> Agent:
    return make_agent(scopes=scopes or ("tasks:create", "runs:write"))


def using(tool: str, **given: Any) -> dict[str, object]:
    return pipeline({"id": "make", "uses": f"orchestrator.{tool}", "with": given})


def source(run: Run, **fields: Any) -> Source:
    return Source(**({"run": run.pk, "step": "make", "agent": run.agent_id, "request_id": "req", "depth": 0} | fields))


def ended(run: Run) -> Run:
    until(lambda: state_of(run) in ("succeeded", "failed"))
    run.refresh_from_db()
    return run


def test_a_task_is_run_now_with_params_laid_over_its_own(make_worker: MakeWorker) -> None:
    agent = maker()
    other = make_task(created_by=agent, title="other", payload={"params": {"n": 1}, **pipeline(ECHO)})
    run = make_run(
        make_task(created_by=agent, payload=using("run_now", task="other", params={"n": 7})), request_id="r-1"
    )
    make_worker().drain()
    until(lambda: Run.objects.filter(task=other, state="succeeded").exists())

    made = Run.objects.get(task=other)
    said = the_step(run).output
    assert (said["run_id"], said["task_id"]) == (str(made.pk), str(other.pk))
    assert (made.trigger, made.request_id, made.agent_id) == ("step", "r-1", agent.pk)
    assert the_step(made).output == {"n": 7}


def test_a_run_is_planned_for_later_as_the_adaptive_follow_up_says(make_worker: MakeWorker) -> None:
    agent = maker()
    follow_up = make_task(created_by=agent, title="client_follow_up")
    given = {
        "delay_hours": "${if(event.level == 'high', 2, 24)}",
        "task": "client_follow_up",
        "params": {"client_id": "${event.client_id}"},
    }
    event = {"payload": {"level": "high", "client_id": 5}, "topic": "email.received"}
    task = make_task(created_by=agent, payload=using("schedule_task", **given))
    run = make_run(task, input={"event": event, "causation": 2})
    before = database_now()
    make_worker().drain()
    ended(run)

    planned = Run.objects.get(task=follow_up)
    assert (planned.state, planned.waiting_for, planned.input) == (
        "waiting", "start", {"params": {"client_id": 5}, "causation": 3},
    )  # fmt: skip
    assert timedelta() <= planned.run_at - before - timedelta(hours=2) < timedelta(seconds=30)
    assert the_step(run).output == {
        "run_id": str(planned.pk), "task_id": str(follow_up.pk), "start_at": planned.run_at.isoformat(),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "seconds"),
    [({"delay_minutes": 2, "delay_seconds": 3}, 123), ({"delay_hours": 0.5}, 1800), ({"delay_seconds": 0}, 0)],
)
def test_delays_add_up(given: dict[str, Any], seconds: int) -> None:
    agent = maker()
    make_task(created_by=agent, title="other")
    run = make_run(make_task(created_by=agent))

    before = database_now()
    made = catalogue.catalogue().get("orchestrator.schedule_task").call({"task": "other", **given}, call_of(run))

    waits = Run.objects.get(pk=made["run_id"]).run_at - before
    assert timedelta(seconds=seconds) <= waits < timedelta(seconds=seconds + 10)


@pytest.mark.parametrize(
    ("offset", "zone"), [("", ZoneInfo("Europe/Chisinau")), ("+01:00", timezone(timedelta(hours=1)))]
)
def test_an_instant_without_an_offset_is_local_to_the_planned_task(offset: str, zone: tzinfo) -> None:
    agent = maker()
    make_task(created_by=agent, title="other", timezone="Europe/Chisinau")
    run = make_run(make_task(created_by=agent))
    local = database_now().replace(tzinfo=None, microsecond=0) + timedelta(days=3)

    given = {"task": "other", "at": f"{local.isoformat()}{offset}"}
    made = catalogue.catalogue().get("orchestrator.schedule_task").call(given, call_of(run))

    assert Run.objects.get(pk=made["run_id"]).run_at == local.replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("given", "says"),
    [({"at": "soon"}, "2026-01-31T09:00:00+02:00"), ({"at": "2990-01-01T00:00:00Z"}, "366 days"),
     ({"delay_hours": 8784, "delay_seconds": 1}, "366 days")],
)  # fmt: skip
def test_a_time_that_is_none_or_too_far_away_is_refused(given: dict[str, Any], says: str) -> None:
    agent = maker()
    make_task(created_by=agent, title="other")
    run = make_run(make_task(created_by=agent))

    with pytest.raises(ToolFailure) as refused:
        catalogue.catalogue().get("orchestrator.schedule_task").call({"task": "other", **given}, call_of(run))

    assert refused.value.error.code == "invalid_input"
    assert says in refused.value.error.message


@pytest.mark.parametrize(
    "wrong", [{"task": "a"}, {"task": "a", "at": "2026-12-01T09:00:00", "delay_hours": 1}, {"task": "a", "delay_hours": -1},
              {"delay_hours": 1}]
)  # fmt: skip
def test_a_plan_without_one_time_or_a_task_is_refused_when_it_is_saved(wrong: dict[str, Any]) -> None:
    check = catalogue.catalogue().get("orchestrator.schedule_task").check_input

    assert check is not None
    with pytest.raises(ValueError, match=r".+"):
        check(wrong)


def test_a_task_is_made_of_the_runs_agent_and_knows_how_many_runs_led_to_it(make_worker: MakeWorker) -> None:
    agent = maker()
    given = {
        "title": "Made", "schedule_kind": "interval", "schedule_expr": "PT1H", "starts_at": "2026-01-01T00:00:00+02:00",
        "params": {"n": 3}, "pipeline": [{"uses": "debug.echo", "with": {"n": "${'$'}{params.n}"}}],
    }  # fmt: skip
    run = make_run(make_task(created_by=agent, payload=using("create_task", **given)), input={"causation": 3})
    make_worker().drain()
    assert ended(run).state == "succeeded"

    made = Task.objects.get(title="Made")
    assert (made.created_by, made.causation, made.status) == (agent, 5, "active")
    assert made.payload == {"params": {"n": 3}, "pipeline": [{"uses": "debug.echo", "with": {"n": "${params.n}"}}]}
    assert the_step(run).output == {
        "task_id": str(made.pk), "title": "Made", "status": "active",
        "next_run_at": made.next_run_at and made.next_run_at.isoformat(),
    }  # fmt: skip
    entry = AuditEntry.objects.get(action="task.created", object_id=made.pk)
    assert entry.actor == f"agent:{agent.pk}"


def test_what_a_made_task_does_goes_on_counting(make_worker: MakeWorker) -> None:
    agent = maker()
    make_task(created_by=agent, title="last")
    middle = make_task(created_by=agent, causation=2, payload=using("run_now", task="last"))
    run = tasks.run_now(middle, actor=SYSTEM)
    make_worker().drain()
    ended(run)

    assert Run.objects.get(task__title="last").input == {"causation": 2}


@pytest.mark.parametrize(
    ("given", "says"),
    [({"title": ""}, "/title"), ({"schedule_expr": "nonsense"}, "/schedule_expr"), ({"pipeline": [{"uses": "no.tool"}]}, "/payload/pipeline/0/uses"),
     ({"starts_at": "soon"}, "/starts_at"), ({"ends_at": "never"}, "/ends_at")],
)  # fmt: skip
def test_a_task_that_breaks_a_rule_fails_the_step_with_the_place(given: dict[str, Any], says: str) -> None:
    run = make_run(make_task(created_by=maker()))
    whole = {"title": "Made", "schedule_kind": "interval", "schedule_expr": "PT1H", "pipeline": [ECHO]} | given

    with pytest.raises(ToolFailure) as refused:
        catalogue.catalogue().get("orchestrator.create_task").call(whole, call_of(run))

    assert (refused.value.error.code, refused.value.error.error_class) == ("invalid_input", "permanent")
    assert says in refused.value.error.message
    assert not Deed.objects.exists()


def test_a_step_that_is_tried_again_makes_nothing_and_is_answered_the_same() -> None:
    agent = maker()
    make_task(created_by=agent, title="other")
    run = make_run(make_task(created_by=agent))

    first = making.make_run_once(source(run), Wanted(task="other"))
    second = making.make_run_once(source(run), Wanted(task="other"))
    third = making.make_run_once(source(run, step="again"), Wanted(task="other"))

    assert first == second != third
    assert Run.objects.filter(task__title="other").count() == 2


def test_two_attempts_at_the_same_time_make_one_task() -> None:
    run = make_run(make_task(created_by=maker()))
    fields = {"title": "Made", "schedule_kind": "manual", "payload": pipeline(ECHO)}
    answers: list[Any] = []
    begun = threading.Event()

    def zombie() -> None:
        begun.set()
        answers.append(making.create_task_once(source(run), fields))
        connection.close()

    other = threading.Thread(target=zombie)
    with transaction.atomic():
        answers.append(making.create_task_once(source(run), fields))
        other.start()
        assert begun.wait(5)
    other.join(10)

    assert answers[0] == answers[1]
    assert Task.objects.filter(title="Made").count() == 1


@pytest.mark.parametrize(
    ("named", "says"), [("nobody", "create it first"), ("twice", "several tasks"), ("theirs", "create it first"), ("ended", "create it first")]
)  # fmt: skip
def test_only_a_single_own_task_that_is_not_canceled_is_meant(named: str, says: str) -> None:
    agent = maker()
    for title in ("twice", "twice", "own"):
        make_task(created_by=agent, title=title)
    make_task(title="theirs")
    make_task(created_by=agent, title="ended", status="canceled")
    run = make_run(make_task(created_by=agent))

    with pytest.raises(ToolFailure) as refused:
        catalogue.catalogue().get("orchestrator.run_now").call({"task": named}, call_of(run))

    assert refused.value.error.code == "unknown_task"
    assert named in refused.value.error.message
    assert says in refused.value.error.message


def test_a_task_is_found_by_its_id() -> None:
    agent = maker()
    theirs, own = make_task(), make_task(created_by=agent)

    assert making.own_task(agent, str(own.pk)) == own
    with pytest.raises(making.UnknownTask):
        making.own_task(agent, str(theirs.pk))


def test_a_paused_task_is_not_run() -> None:
    agent = maker()
    make_task(created_by=agent, title="other", status="paused")
    run = make_run(make_task(created_by=agent))

    with pytest.raises(ToolFailure, match="resume it first") as refused:
        catalogue.catalogue().get("orchestrator.run_now").call({"task": "other"}, call_of(run))

    assert refused.value.error.code == "illegal_move"


@pytest.mark.parametrize("tool", ["run_now", "create_task"])
def test_the_agents_scopes_count_when_the_step_is_carried_out(tool: str) -> None:
    agent = maker("tasks:read")
    make_task(created_by=agent, title="other")
    run = make_run(make_task(created_by=agent))
    given: dict[str, Any] = {"task": "other"}
    if tool == "create_task":
        given = {"title": "Made", "schedule_kind": "manual", "pipeline": [ECHO]}

    with pytest.raises(ToolFailure) as refused:
        catalogue.catalogue().get(f"orchestrator.{tool}").call(given, call_of(run))

    assert refused.value.error.code == "not_permitted"
    assert "it needs the scope" in refused.value.error.message


def test_a_task_that_runs_itself_stops_after_eight_more(make_worker: MakeWorker) -> None:
    agent = maker()
    task = make_task(created_by=agent, title="loop", payload=using("run_now", task="loop"))
    make_run(task)
    make_worker().drain()
    until(lambda: Run.objects.filter(task=task, state="failed").exists(), seconds=30)

    assert Run.objects.filter(task=task).count() == 9
    failed = Run.objects.get(task=task, state="failed")
    assert failed.error["code"] == "causation_too_deep"
    entry = AuditEntry.objects.get(action="deed.refused")
    assert (entry.object_id, entry.details["depth"]) == (failed.pk, 8)


def test_a_run_makes_so_many_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deeds, "MOST_OF_A_RUN", 2)
    agent = maker()
    make_task(created_by=agent, title="other")
    run = make_run(make_task(created_by=agent))
    Deed.objects.create(run=run, step="said", answer={})  # an event is not counted
    for number in range(2):
        making.make_run_once(source(run, step=f"make {number}"), Wanted(task="other"))

    with pytest.raises(ToolFailure) as refused:
        catalogue.catalogue().get("orchestrator.run_now").call({"task": "other"}, call_of(run))

    assert refused.value.error.code == "limit_reached"
    assert Run.objects.filter(task__title="other").count() == 2
    assert AuditEntry.objects.get(action="deed.refused").object_id == run.pk


def test_an_agents_runs_make_so_many_tasks_a_day(settings: Any) -> None:
    settings.ORDINAUT = replace(settings.ORDINAUT, made_tasks_per_day=2)
    agent = maker()
    run = make_run(make_task(created_by=agent))
    make_task(created_by=maker(), causation=1)
    fields = {"title": "Made", "schedule_kind": "manual", "payload": pipeline(ECHO)}
    for number in range(2):
        making.create_task_once(source(run, step=f"make {number}"), fields)

    with pytest.raises(making.deeds.TooManyMade, match="tomorrow"):
        making.create_task_once(source(run, step="make 3"), fields)

    assert Task.objects.filter(title="Made").count() == 2
    assert len(steps_of(run)) == 0
