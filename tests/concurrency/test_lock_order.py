"""Whoever needs several calendars, or several owners, takes them in one order: nobody waits in a circle."""

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from tasks_app import admission
from tasks_app.maintenance import refresh_calendars
from tasks_app.models import Agent, Calendar, Task
from tasks_app.services import calendars, many_new_tasks, task_bounds
from tasks_app.services.actor import SYSTEM
from tasks_app.services.many_new_tasks import Draft
from tasks_app.services.porting import carrying_out
from tasks_app.services.porting.shape import Document, document_in
from tests.making import make_agent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]
TASK = {
    "title": "t",
    "schedule_kind": "cron",
    "schedule_expr": "0 9 * * *",
    "payload": {"pipeline": [{"uses": "noop"}]},
}


@pytest.fixture
def owner() -> Agent:
    return make_agent()


@pytest.fixture
def low(owner: Agent) -> Calendar:
    """The one with the lower id has the name that comes later, and refers to the other."""
    return Calendar.objects.create(
        pk=UUID(int=1), name="z", created_by=owner, definition={"calendar": "a"}, shared=True
    )


@pytest.fixture
def high(owner: Agent) -> Calendar:
    return Calendar.objects.create(pk=UUID(int=2), name="a", created_by=owner, definition={"dates": []}, shared=True)


def without_a_circle(*, held: Callable[[], object], act: Callable[[], object], then: Callable[[], object]) -> None:
    """While we hold the one, `act` waits for it elsewhere; and has not got what we take `then`."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except Exception as failure:  # noqa: BLE001 - shown by the assertion
            failures.append(failure)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        held()
        thread.start()
        wait_until_it_waits(thread)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '300ms'")
        then()
    thread.join(20)
    assert not thread.is_alive()
    assert failures == []


def wait_until_it_waits(thread: threading.Thread) -> None:
    enough_at = time.monotonic() + 15
    while True:
        assert thread.is_alive(), "it waited for nothing"
        assert time.monotonic() < enough_at
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN"
                " (SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
            )
            if cursor.fetchone() != (0,):
                return
        time.sleep(0.01)


def lock(calendar: Calendar) -> Callable[[], object]:
    return lambda: Calendar.objects.select_for_update(no_key=True).get(pk=calendar.pk)


def document(*names: str, **fields: Any) -> Document:
    entries = [TASK | {"title": f"task {name}", "calendar": name} for name in names]
    return document_in({"ordinaut": 1, "tasks": entries, **fields})


@pytest.mark.parametrize("verb", ["import_document", "plan", "apply"])
@pytest.mark.parametrize("names", [("z", "a"), ("a", "z")], ids="-".join)
def test_a_document_takes_the_calendars_of_its_new_tasks_in_one_order(
    low: Calendar, high: Calendar, verb: str, names: tuple[str, str]
) -> None:
    another = make_agent()

    without_a_circle(
        held=lock(low),
        act=lambda: getattr(carrying_out, verb)(document(*names), owner=another, actor=SYSTEM),
        then=lock(high),
    )


@pytest.mark.parametrize("names", [("z", "a"), ("a", "z")], ids="-".join)
def test_a_document_takes_the_calendars_of_tasks_that_it_changes_in_one_order(
    low: Calendar, high: Calendar, owner: Agent, names: tuple[str, str]
) -> None:
    entries = [TASK | {"title": f"task {name}"} for name in names]
    carrying_out.apply(document_in({"ordinaut": 1, "tasks": entries}), owner=owner, actor=SYSTEM)

    without_a_circle(
        held=lock(low),
        act=lambda: carrying_out.apply(document(*names), owner=owner, actor=SYSTEM),
        then=lock(high),
    )
    assert Task.objects.exclude(calendar=None).count() == 2


def test_a_document_takes_a_calendar_that_it_changes_with_the_others(
    low: Calendar, high: Calendar, owner: Agent
) -> None:
    wanted = [{"name": "a", "definition": {"dates": ["2030-01-01"]}}]

    without_a_circle(
        held=lock(low),
        act=lambda: carrying_out.apply(document("z", calendars=wanted), owner=owner, actor=SYSTEM),
        then=lock(high),
    )
    assert Calendar.objects.get(name="a").definition == wanted[0]["definition"]


def test_a_file_that_was_fetched_takes_its_calendar_with_those_that_refer_to_it(low: Calendar, high: Calendar) -> None:
    url = "https://example.org/a.ics"
    high.definition, high.fetched = {"ics_url": url}, {url: {"text": "", "fetched_at": "", "error": ""}}
    high.save()
    came = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"

    without_a_circle(held=lock(low), act=lambda: refresh_calendars._store(high, {url: came}), then=lock(high))

    assert Calendar.objects.get(name="a").fetched[url]["text"] == came


def test_tasks_made_at_once_take_their_calendars_in_the_same_order(low: Calendar, high: Calendar, owner: Agent) -> None:
    drafts = [Draft(owner, TASK | {"calendar": name}) for name in ("z", "a")]

    without_a_circle(held=lock(low), act=lambda: many_new_tasks.create_tasks(drafts, actor=SYSTEM), then=lock(high))


def test_a_calendar_that_is_changed_is_taken_with_those_that_refer_to_it(low: Calendar, high: Calendar) -> None:
    changes = {"definition": {"dates": ["2030-01-01"]}}

    without_a_circle(
        held=lock(low),
        act=lambda: calendars.update_calendar(high, actor=SYSTEM, changes=changes),
        then=lock(high),
    )
    low.refresh_from_db()
    assert low.version == 2


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_tasks_made_at_once_take_their_owners_in_one_order(backwards: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_bounds, "_seen", {})
    owners = sorted((make_agent(), make_agent()), key=lambda each: each.pk, reverse=backwards)
    first, second = sorted(f"tasks of {each.pk}" for each in owners)
    drafts = [Draft(owner, TASK) for owner in owners]

    without_a_circle(
        held=lambda: admission.lock(first),
        act=lambda: many_new_tasks.create_tasks(drafts, actor=SYSTEM),
        then=lambda: admission.lock(second),
    )
