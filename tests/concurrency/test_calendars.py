"""Calendars refer to each other, so two changes at once must not see half of each other."""

from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.db.models.functions import Now

from tasks_app.exceptions import IllegalMove
from tasks_app.maintenance import refresh_calendars
from tasks_app.models import Calendar
from tasks_app.services import calendars, tasks
from tasks_app.services.actor import SYSTEM
from tests.concurrency.another import as_another
from tests.making import make_agent

pytestmark = pytest.mark.django_db(transaction=True)
WEEKEND = {"weekends": True}


def test_a_circle_cannot_be_closed_by_two_changes_at_once() -> None:
    owner = make_agent()
    first = calendars.create_calendar(owner, actor=SYSTEM, name="first", definition=WEEKEND)
    second = calendars.create_calendar(owner, actor=SYSTEM, name="second", definition=WEEKEND)

    def refer(calendar: Calendar, name: str) -> None:
        calendars.update_calendar(calendar, actor=SYSTEM, changes={"definition": {"calendar": name}})

    with transaction.atomic():
        refer(first, "second")
        with pytest.raises(OperationalError, match="lock timeout"):
            as_another(lambda: refer(second, "first"))

    assert Calendar.objects.get(name="second").definition == WEEKEND


def test_two_beats_never_fetch_the_same_file() -> None:
    url = "https://example.org/a.ics"
    Calendar.objects.create(
        created_by=make_agent(),
        name="fetched",
        definition={"ics_url": url},
        fetched={url: {"text": "x", "fetched_at": "2026-01-01T00:00:00Z", "error": ""}},
        fetched_at=Now() - timedelta(days=1),
    )

    with transaction.atomic():
        ours = refresh_calendars._take(5)
        theirs = as_another(lambda: refresh_calendars._take(5))

    assert (len(ours), theirs) == (1, [])
    assert refresh_calendars._take(5) == []


def test_a_calendar_that_a_task_is_about_to_use_is_not_deleted_from_under_it() -> None:
    owner = make_agent()
    calendar = Calendar.objects.create(name="off", created_by=owner, definition={"dates": []})
    wanted = {"title": "T", "schedule_kind": "cron", "schedule_expr": "0 9 * * *", "calendar": "off"}

    with transaction.atomic():
        tasks.create_task(owner, actor=SYSTEM, payload={"pipeline": [{"id": "one", "uses": "noop"}]}, **wanted)
        with pytest.raises(OperationalError, match="lock timeout"):
            as_another(lambda: calendars.delete_calendar(calendar, actor=SYSTEM))

    with pytest.raises(IllegalMove, match="T"):
        calendars.delete_calendar(calendar, actor=SYSTEM)
