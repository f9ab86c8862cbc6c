"""Calendars are made, changed and deleted through the services; their page shows the days of a year."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tasks_app.models import AuditEntry, Calendar, Task
from tasks_app.services import calendars
from tasks_app.services.actor import SYSTEM
from tests.integration.admin.conftest import act, list_of, page_of, said
from tests.making import make_agent, make_task

ADD = "/admin/tasks/calendar/add/"
MAY = {"dates": [{"date": "2026-05-01", "name": "Labour Day"}]}


@pytest.fixture
def calendar(db: None) -> Calendar:
    return calendars.create_calendar(make_agent(), actor=SYSTEM, name="closed", definition=MAY)


def faults(response: Any) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


def test_a_calendar_is_made_through_the_service(operator: Client) -> None:
    owner = make_agent()
    sent = {"name": "closed", "created_by": owner.pk, "shared": "on", "definition": '{"weekends": true}'}

    operator.post(ADD, sent)

    made = Calendar.objects.get()
    assert (made.name, made.created_by, made.shared, made.definition) == ("closed", owner, True, {"weekends": True})
    assert (AuditEntry.objects.get().actor, AuditEntry.objects.get().action) == ("user:ops", "calendar.created")


def test_a_new_calendar_begins_with_an_example_that_is_valid(operator: Client) -> None:
    form = operator.get(ADD).context["adminform"].form
    sent = {"name": "closed", "created_by": make_agent().pk, "definition": form["definition"].value()}

    operator.post(ADD, sent)

    assert Calendar.objects.count() == 1


def test_a_fault_is_shown_at_the_definition_with_its_place(operator: Client) -> None:
    sent = {"name": "closed", "created_by": make_agent().pk, "definition": '{"union": [{"country": "XX"}]}'}

    response = operator.post(ADD, sent)

    assert faults(response)["definition"][0].startswith("union/0/country: 'XX' is no country")
    assert not Calendar.objects.exists()


def test_a_calendar_is_changed_through_the_service(operator: Client, calendar: Calendar) -> None:
    operator.post(page_of(calendar), {"name": "open", "definition": '{"weekends": ["FR"]}'})

    calendar.refresh_from_db()
    assert (calendar.name, calendar.definition, calendar.version) == ("open", {"weekends": ["FR"]}, 2)
    assert AuditEntry.objects.latest("id").details == {"changed": ["definition", "name"]}


def test_the_page_shows_the_days_of_a_year(operator: Client, calendar: Calendar) -> None:
    shown = operator.get(page_of(calendar) + "?year=2026").content.decode()

    assert "Days of 2026" in shown
    assert "May" in shown
    assert "Fri 01 Labour Day" in shown
    assert "?year=2025" in shown


@pytest.mark.parametrize("year", ["", "?year=0", "?year=10000", "?year=x", "?year=٢٠٢٦", "?year=" + "9" * 5000])
def test_a_year_that_makes_no_sense_is_the_current_one(operator: Client, calendar: Calendar, year: str) -> None:
    response = operator.get(page_of(calendar) + year)

    assert response.context["calendar_page"].year >= 2026
    assert response.context["calendar_page"].year < 2100


def test_the_page_of_a_calendar_that_cannot_be_read_says_why(operator: Client, calendar: Calendar) -> None:
    Calendar.objects.update(definition={"country": "XX"}, version=7)

    assert "is no country" in operator.get(page_of(calendar)).content.decode()


def test_the_page_shows_what_became_of_its_files(operator: Client, calendar: Calendar) -> None:
    answer = {"text": "x", "fetched_at": "2026-01-01T10:00:00+00:00", "error": "x.test answered 503"}
    Calendar.objects.update(fetched={"https://x.test/a.ics": answer})

    shown = operator.get(page_of(calendar)).content.decode()

    assert "https://x.test/a.ics" in shown
    assert "2026-01-01 10:00:00" in shown
    assert "x.test answered 503" in shown


def test_deleting_is_asked_of_the_service_which_may_refuse(operator: Client, calendar: Calendar) -> None:
    task = make_task(title="Backup", calendar=calendar)

    assert said(act(operator, "remove", calendar))[0].startswith("closed: 1 task uses the calendar: 'Backup'")
    task.calendar = None
    task.save()
    assert said(act(operator, "remove", calendar))[-1] == "1 calendar deleted."
    assert not Calendar.objects.exists()


def test_nobody_deletes_around_the_service(operator: Client, calendar: Calendar) -> None:
    assert operator.post(page_of(calendar, "delete"), {"post": "yes"}).status_code == 403
    act(operator, "delete_selected", calendar)

    assert Calendar.objects.exists()


def test_a_viewer_sees_the_days_and_changes_nothing(staff_with: Callable[..., Client], calendar: Calendar) -> None:
    viewer = staff_with("view_calendar")

    shown = viewer.get(page_of(calendar) + "?year=2026").content.decode()
    viewer.post(page_of(calendar), {"name": "open", "definition": "{}"})
    act(viewer, "remove", calendar)

    assert "Labour Day" in shown
    assert "ordinaut-buttons" not in shown
    assert Calendar.objects.get().name == "closed"
    assert viewer.get(ADD).status_code == 403


def test_the_list_reads_no_definitions(operator: Client, calendar: Calendar) -> None:
    page = operator.get(list_of(Calendar))

    assert "closed" in page.content.decode()
    [row] = page.context["cl"].result_list
    assert {"definition", "fetched"} <= row.get_deferred_fields()


def test_the_tasks_that_use_it_are_one_click_away(operator: Client, calendar: Calendar) -> None:
    make_task(title="Backup", calendar=calendar)
    make_task(title="Report")

    page = operator.get(list_of(Task, f"?calendar__id__exact={calendar.pk}"))

    assert [task.title for task in page.context["cl"].result_list] == ["Backup"]
    assert f"?calendar__id__exact={calendar.pk}" in operator.get(page_of(calendar)).content.decode()
