"""What operators ask of tasks goes through the services."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import AuditEntry, Run, SkippedOccurrence, Task, TaskDefinition
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tests.integration.admin.conftest import act, list_of, page_of, said
from tests.making import events_of, make_agent, make_run, make_task

ADD = "/admin/tasks/task/add/"


def form(**changes: Any) -> dict[str, Any]:
    values = {
        "title": "Water the plants",
        "description": "",
        "schedule_kind": "rrule",
        "schedule_expr": "FREQ=DAILY;BYHOUR=8;BYMINUTE=30;BYSECOND=0",
        "timezone": "Europe/Chisinau",
        "dtstart": "",
        "calendar_policy": "exclude",
        "misfire_policy": "latest",
        "mode": "live",
        "overlap_policy": "allow",
        "catch_up_window_seconds": 86_400,
        "catch_up_limit": 100,
        "jitter_seconds": 0,
        "quiet_hours": "",
        "concurrency_limit": 1,
        "dedupe_window_seconds": 3600,
        "probe": "",
        "poll_seconds": 60,
        "cooldown_seconds": 0,
        "payload": json.dumps({"pipeline": [{"id": "one", "uses": "noop"}]}),
        "priority": 5,
        "max_retries": 3,
        "backoff_strategy": "fixed",
        "retry_delay_seconds": 1,
        "timeout_seconds": 300,
    }
    return values | changes


def test_a_task_is_made_by_the_service_for_the_agent_chosen(operator: Client) -> None:
    owner = make_agent()

    response = operator.post(ADD, form(created_by=owner.pk))

    task = Task.objects.get()
    assert response.status_code == 302
    assert (task.created_by, task.title) == (owner, "Water the plants")
    assert task.next_run_at is not None
    assert events_of(task) == ["task.created"]
    assert TaskDefinition.objects.filter(task=task, version=1).exists()
    [entry] = AuditEntry.objects.all()
    assert (entry.actor, entry.action, entry.object_id) == ("user:ops", "task.created", task.pk)
    assert entry.request_id


def test_an_empty_form_offers_the_default_zone_and_an_example(operator: Client) -> None:
    shown = operator.get(ADD).context["adminform"].form

    assert shown["timezone"].initial == "UTC"
    assert "debug.echo" in str(shown["payload"])


def test_the_services_faults_stand_at_their_fields(operator: Client) -> None:
    wrong = form(
        created_by=make_agent().pk,
        schedule_expr="FREQ=SOMETIMES",
        payload=json.dumps({"pipeline": [{"id": "one", "uses": "no.such_tool"}]}),
    )

    response = operator.post(ADD, wrong)

    errors = response.context["adminform"].form.errors
    assert set(errors) == {"schedule_expr", "payload"}
    assert errors["payload"][0].startswith("pipeline/0/uses: ")
    assert not Task.objects.exists()


def test_a_fault_of_no_field_stands_above_the_form(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Task:
        raise InvalidRequest(Fault("", "Never today."), Fault("/quota/tasks", "It is used up."))

    monkeypatch.setattr(tasks, "create_task", refuse)

    response = operator.post(ADD, form(created_by=make_agent().pk))

    shown = response.context["adminform"].form.non_field_errors()
    assert shown == ["Never today.", "/quota/tasks: It is used up."]


def test_of_many_faults_a_form_shows_the_first_hundred_and_counts_the_rest(operator: Client) -> None:
    wrong = {"pipeline": [{"id": "one", "uses": "debug.echo", "with": {"a": ["{{ x }}"] * 150}}]}

    errors = (
        operator.post(ADD, form(created_by=make_agent().pk, payload=json.dumps(wrong))).context["adminform"].form.errors
    )

    assert len(errors["payload"]) == 100
    assert errors["__all__"] == ["There are 50 more faults: mend these first."]


def test_a_payload_that_is_no_json_is_shown_again_as_it_was_typed(operator: Client) -> None:
    response = operator.post(ADD, form(created_by=make_agent().pk, payload="{oh no"))

    assert "payload" in response.context["adminform"].form.errors
    assert "{oh no" in response.content.decode()


def test_a_change_makes_a_new_version_and_is_audited(operator: Client) -> None:
    task = make_task(schedule_expr="", title="Before")

    operator.post(page_of(task), form(title="After", dtstart=task.dtstart))

    task.refresh_from_db()
    assert (task.title, task.version) == ("After", 2)
    [entry] = AuditEntry.objects.all()
    assert (entry.actor, entry.action) == ("user:ops", "task.updated")


def test_a_fault_of_a_change_leaves_the_task_as_it_was(operator: Client) -> None:
    task = make_task(title="Before")

    response = operator.post(page_of(task), form(title="After", timezone="Mars/Olympus", dtstart=task.dtstart))

    task.refresh_from_db()
    assert set(response.context["adminform"].form.errors) == {"timezone"}
    assert (task.title, task.version) == ("Before", 1)


def test_a_task_canceled_while_it_was_edited_says_so(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    task = make_task()
    update = tasks.update_task

    def too_late(*args: Any, **kwargs: Any) -> Task:
        tasks.cancel(task, actor=SYSTEM)
        return update(*args, **kwargs)

    monkeypatch.setattr(tasks, "update_task", too_late)

    response = operator.post(page_of(task), form(dtstart=task.dtstart))

    assert "canceled" in response.context["adminform"].form.non_field_errors()[0]


def test_a_canceled_task_is_only_shown(operator: Client) -> None:
    task = make_task()
    tasks.cancel(task, actor=SYSTEM)

    assert operator.post(page_of(task), form()).status_code == 403
    page = operator.get(page_of(task))
    assert b"ordinaut-json" in page.content
    assert page.context["task_page"].wishes == []
    assert page.context["task_page"].instants.remarks == ["The task is canceled: its schedule gives no further run."]


def test_the_owner_of_a_task_cannot_be_changed(operator: Client) -> None:
    task = make_task()

    operator.post(page_of(task), form(created_by=make_agent().pk, dtstart=task.dtstart))

    owner = task.created_by
    task.refresh_from_db()
    assert task.created_by == owner


@pytest.mark.parametrize(
    ("action", "status", "words"),
    [
        ("run_now", "active", "2 tasks queued to run now."),
        ("pause", "paused", "2 tasks paused."),
        ("cancel", "canceled", "2 tasks canceled."),
    ],
)
def test_bulk_actions_ask_the_service_for_each(operator: Client, action: str, status: str, words: str) -> None:
    chosen = [make_task(), make_task()]
    other = make_task()

    response = act(operator, action, *chosen)

    assert said(response) == [words]
    assert {Task.objects.get(pk=task.pk).status for task in chosen} == {status}
    assert Task.objects.get(pk=other.pk).status == "active"
    assert set(AuditEntry.objects.values_list("actor", "object_id")) == {("user:ops", task.pk) for task in chosen}


def test_what_is_refused_is_named_and_stops_no_other(operator: Client) -> None:
    paused = make_task(title="Sleepy", status="paused")
    active = make_task(title="Awake")

    response = act(operator, "resume", active, paused)

    refused, done = sorted(said(response), reverse=False, key=lambda words: words.startswith("1 task"))
    assert refused.startswith("Awake: The task is active and cannot be resumed")
    assert done == "1 task resumed."
    assert Task.objects.get(pk=paused.pk).status == "active"


def test_a_canceled_task_does_not_run_now(operator: Client) -> None:
    task = make_task(status="canceled")

    response = act(operator, "run_now", task)

    assert len(said(response)) == 1
    assert not Run.objects.exists()


def test_viewers_are_offered_no_action_and_may_not_send_one(staff_with: Callable[..., Client]) -> None:
    viewer = staff_with("view_task")
    task = make_task()

    page = viewer.get(page_of(task))
    act(viewer, "pause", task)

    assert page.status_code == 200
    assert page.context["task_page"].wishes == []
    assert viewer.get(list_of(Task)).context["action_form"] is None
    assert viewer.post(page_of(task), form()).status_code == 403
    assert Task.objects.get().status == "active"


def test_deleting_goes_through_the_service(operator: Client) -> None:
    run = make_run()

    confirmation = operator.get(page_of(run.task, "delete"))
    operator.post(page_of(run.task, "delete"), {"post": "yes"})

    run.refresh_from_db()
    assert confirmation.status_code == 200
    assert Task.objects.get().deleted_at is not None
    assert run.state == "canceled"
    assert AuditEntry.objects.get().actor == "user:ops"


def test_deleting_several_goes_through_the_service_too(operator: Client) -> None:
    chosen = [make_task(), make_task()]

    operator.post(
        list_of(Task),
        {"action": "delete_selected", "_selected_action": [str(task.pk) for task in chosen], "post": "yes"},
    )

    assert Task.objects.count() == 2
    assert not Task.objects.present().exists()


def test_the_page_shows_the_next_ten_instants_in_the_tasks_zone_with_notes(operator: Client) -> None:
    operator.post(ADD, form(created_by=make_agent().pk, jitter_seconds=30))

    page = operator.get(page_of(Task.objects.get()))

    shown = page.context["task_page"].instants.lines
    assert len(shown) == 10
    assert all(" 08:30:00 +0" in line.local for line in shown)
    assert b"Begins 00:00:" in page.content


def test_the_page_shows_the_last_instants_that_made_no_run(operator: Client) -> None:
    task = make_task()
    for hour in range(7):
        moment = datetime(2026, 5, 1, hour, tzinfo=UTC)
        SkippedOccurrence.objects.create(task=task, scheduled_for=moment, reason="holiday", detail="Labour Day")

    page = operator.get(page_of(task))

    shown = page.context["task_page"].skipped
    assert [line.scheduled_for[11:13] for line in shown] == ["06", "05", "04", "03", "02"]
    assert b"Labour Day" in page.content


def test_a_schedule_that_is_no_longer_valid_is_said_and_does_not_break_the_page(operator: Client) -> None:
    task = make_task(schedule_kind="cron", schedule_expr="not a cron")

    page = operator.get(page_of(task))

    assert page.status_code == 200
    assert "five fields" in page.context["task_page"].instants.remarks[0]


def test_the_page_of_a_task_shows_its_last_runs(operator: Client) -> None:
    run = make_run()
    make_run()

    shown = operator.get(page_of(run.task)).context["task_page"]

    assert [line.id for line in shown.runs] == [str(run.pk)]
    assert [name for name, _ in shown.wishes] == ["run_now", "simulate", "pause", "cancel"]


def test_a_condition_is_written_with_its_probe(operator: Client) -> None:
    probe = {"uses": "debug.echo", "with": {"level": 3}}
    wanted = {"schedule_kind": "condition", "schedule_expr": "probe.level > `2`", "probe": json.dumps(probe)}

    operator.post(ADD, form(created_by=make_agent().pk, **wanted, poll_seconds=30, cooldown_seconds=600))

    task = Task.objects.get()
    assert (task.probe, task.poll_seconds, task.cooldown_seconds) == (probe, 30, 600)
