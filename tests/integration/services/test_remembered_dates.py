"""What is remembered of calendars' dates is never what a transaction has taken back."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tasks_app.models import Calendar
from tasks_app.planning.timing import dates_of
from tasks_app.services import calendars
from tasks_app.services.actor import SYSTEM
from tests.concurrency.another import as_another
from tests.making import make_agent

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = [date(2030, 1, n) for n in range(1, 4)]


@pytest.fixture
def off() -> Calendar:
    return calendars.create_calendar(make_agent(), actor=SYSTEM, name="off", definition=of(0))


def of(day: int) -> dict[str, list[str]]:
    return {"dates": [str(DAYS[day])]}


def change(calendar: Calendar, day: int) -> Calendar:
    return calendars.update_calendar(calendar, actor=SYSTEM, changes={"definition": of(day)})


def days_of(calendar: Calendar) -> list[int]:
    dates = dates_of(Calendar.objects.get(pk=calendar.pk))
    return [number for number, day in enumerate(DAYS) if dates.name_of(day) is not None]


def test_a_change_that_is_taken_back_leaves_no_dates_for_the_next_of_its_version(off: Calendar) -> None:
    with transaction.atomic():
        change(off, 1)
        assert days_of(off) == [1]
        transaction.set_rollback(True)

    assert days_of(off) == [0]
    change(off, 2)
    assert days_of(off) == [2]


def test_nor_does_what_was_read_by_a_row_that_is_older(off: Calendar) -> None:
    with transaction.atomic():
        change(off, 1)
        assert dates_of(off).name_of(DAYS[1]) is not None
        transaction.set_rollback(True)

    assert days_of(off) == [0]


def test_nor_does_what_was_read_by_a_row_that_was_taken_back(off: Calendar) -> None:
    with transaction.atomic():
        changed = change(off, 1)
        transaction.set_rollback(True)
    assert dates_of(changed).name_of(DAYS[0]) is not None

    change(off, 2)

    assert days_of(off) == [2]


def test_the_part_of_a_transaction_that_was_taken_back_is_forgotten(off: Calendar) -> None:
    with transaction.atomic():
        change(off, 1)
        assert days_of(off) == [1]
        with transaction.atomic():
            change(off, 2)
            assert days_of(off) == [2]
            transaction.set_rollback(True)
        assert days_of(off) == [1]
        assert as_another(lambda: days_of(off)) == [0]

    assert days_of(off) == as_another(lambda: days_of(off)) == [1]


def test_dates_that_hang_on_a_change_are_forgotten_with_it(off: Calendar) -> None:
    above = calendars.create_calendar(off.created_by, actor=SYSTEM, name="above", definition={"calendar": "off"})
    with transaction.atomic():
        change(off, 1)
        assert days_of(above) == [1]
        transaction.set_rollback(True)
    change(off, 2)

    assert days_of(above) == [2]


def test_within_a_transaction_dates_are_read_once(off: Calendar) -> None:
    with transaction.atomic():
        changed = change(off, 1)
        dates_of(changed)
        with CaptureQueriesContext(connection) as asked:
            dates_of(changed)

    assert list(asked) == []
