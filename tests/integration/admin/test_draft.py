"""While a task is being written, the page tells what its schedule would do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_app.models import AuditEntry, Calendar, Task
from tasks_app.services import preview, tasks
from tasks_app.services.actor import SYSTEM
from tests.integration.admin.conftest import page_of
from tests.integration.admin.test_tasks import ADD, form
from tests.making import make_agent, make_task

DRAFT = reverse("admin:tasks_task_draft")


def draft_of(task: Task) -> str:
    return reverse("admin:tasks_task_change_draft", args=[task.pk])


def told(client: Client, url: str = DRAFT, **fields: Any) -> str:
    response = client.post(url, form(**fields))
    assert response.status_code == 200
    return response.content.decode()


def test_a_draft_shows_its_next_ten_instants_and_saves_nothing(operator: Client) -> None:
    shown = told(operator, created_by=make_agent().pk, jitter_seconds=40)

    assert shown.count(" 08:30:00 +0") == 10
    assert "Europe/Chisinau" in shown
    assert "Begins up to 40 s later" in shown
    assert not Task.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_draft_needs_no_owner_and_no_title_yet(operator: Client) -> None:
    assert told(operator, created_by="", title="", payload="").count(" 08:30:00 +0") == 10


def test_a_drafts_faults_are_sentences_with_their_fields(operator: Client) -> None:
    shown = told(operator, schedule_expr="FREQ=SOMETIMES", jitter_seconds=100_000)

    assert "<li>Schedule: " in shown
    assert "<li>Jitter (s): " in shown
    assert "<table" not in shown


def test_what_is_typed_into_a_draft_comes_back_escaped(operator: Client) -> None:
    shown = told(operator, timezone="<script>alert(1)</script>")

    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_days_off_bounds_and_quiet_hours_are_shown_as_they_are_chosen(operator: Client) -> None:
    calendar = Calendar.objects.create(name="office", created_by=make_agent(), definition={"weekends": True})
    until = datetime.now(UTC) + timedelta(days=9)

    shown = told(
        operator,
        calendar=calendar.pk,
        ends_at_0=f"{until:%Y-%m-%d}",
        ends_at_1="23:00:00",
        quiet_hours='[{"from": "08:00", "to": "09:00"}]',
    )

    assert "is a day off (weekend)" in shown
    assert "it begins at their end" in shown
    assert "Nothing comes after these." in shown


def test_a_calendar_that_the_owner_may_not_use_is_a_fault_before_it_is_saved(operator: Client) -> None:
    calendar = Calendar.objects.create(name="private", created_by=make_agent(), definition={"weekends": True})
    fields = form(created_by=make_agent().pk, calendar=calendar.pk)

    response = operator.post(ADD, fields)

    assert "Calendar: There is no calendar" in told(operator, **fields)
    assert set(response.context["adminform"].form.errors) == {"calendar"}


def test_a_change_is_shown_as_it_will_be(operator: Client) -> None:
    task = make_task(schedule_kind="interval", schedule_expr="PT1H")
    fields = form(dtstart="", schedule_expr="FREQ=DAILY;BYHOUR=5", jitter_seconds=60)

    shown = told(operator, draft_of(task), **fields)

    task.refresh_from_db()
    assert task.schedule_expr == "PT1H"
    operator.post(page_of(task), fields | {"dtstart": task.dtstart})
    task.refresh_from_db()
    first = preview.occurrences(task, count=1).items[0]
    assert f"{first.local:%a %Y-%m-%d %H:%M:%S %z}" in shown
    assert first.notes[0].text in shown


def test_days_off_without_an_end_are_said(operator: Client) -> None:
    days = {"weekends": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]}
    calendar = Calendar.objects.create(name="never", created_by=make_agent(), definition=days)
    task = make_task(
        schedule_kind="interval",
        schedule_expr="PT15S",
        calendar=calendar,
        next_run_at=datetime.now(UTC) + timedelta(minutes=1),
    )

    remarks = operator.get(page_of(task)).context["task_page"].instants.remarks

    assert remarks == [
        "19800 more without a run between them are left out.",
        "The search was given up: too many instants in a row make no run.",
    ]


def test_an_instant_without_a_run_says_why(operator: Client) -> None:
    task = tasks.pause(
        tasks.create_task(
            make_agent(),
            actor=SYSTEM,
            title="Sleepy",
            payload={"pipeline": [{"id": "one", "uses": "noop"}]},
            schedule_kind="interval",
            schedule_expr="PT1H",
        ),
        actor=SYSTEM,
    )

    shown = operator.get(page_of(task)).context["task_page"].instants

    assert {tuple(line.fate) for line in shown.lines} == {("Makes no run: paused.",)}
    assert shown.remarks == ["The task is paused: its instants pass into the ledger until it is resumed."]


def test_only_who_may_add_or_change_tasks_may_try_schedules(staff_with: Callable[..., Client]) -> None:
    task = make_task()
    viewer = staff_with("view_task")

    assert viewer.post(DRAFT, form()).status_code == 403
    assert viewer.post(draft_of(task), form()).status_code == 403
    assert b"ordinaut-draft" not in viewer.get(page_of(task)).content


def test_a_stranger_is_sent_to_the_login(client: Client) -> None:
    assert client.post(DRAFT, form()).status_code == 302


def test_a_draft_is_asked_by_post_with_its_token(operator: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator.cookies

    assert strict.post(DRAFT, form()).status_code == 403
    assert operator.get(DRAFT).status_code == 405


def test_a_canceled_or_missing_task_takes_no_draft(operator: Client) -> None:
    task = make_task()
    tasks.cancel(task, actor=SYSTEM)

    assert operator.post(draft_of(task), form()).status_code == 403
    tasks.delete(task, actor=SYSTEM)
    assert operator.post(draft_of(task), form()).status_code == 404


@pytest.mark.parametrize("page", ["add", "change"])
def test_the_form_knows_where_to_ask(operator: Client, page: str) -> None:
    task = make_task()
    shown = operator.get(ADD if page == "add" else page_of(task)).content.decode()

    assert f'data-url="{DRAFT if page == "add" else draft_of(task)}"' in shown
    assert "tasks_admin/draft.js" in shown
