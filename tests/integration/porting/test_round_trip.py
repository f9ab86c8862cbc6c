"""What leaves as a document and comes back leaves as the same bytes."""

import random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from tasks_app.models import Agent, Calendar, Task
from tasks_app.services import tasks as task_services
from tasks_app.services.actor import SYSTEM
from tasks_app.services.porting import carrying_out
from tasks_app.services.porting.forms import Form
from tasks_app.services.porting.leaving import exported
from tasks_app.services.porting.reading import read
from tasks_app.services.porting.shape import FIELDS, OF_A_TASK, document_in
from tests.integration.porting.drawn import KINDS, OPTIONAL, documents
from tests.making import make_agent

pytestmark = pytest.mark.django_db


def text_of(owner: Agent, form: Form) -> str:
    return exported(owner, Task.objects.present(), form=form)


def bring_in(owner: Agent, value: Any) -> None:
    carrying_out.import_document(document_in(value), owner=owner, actor=SYSTEM)


# Without the search for a shorter example: that takes minutes, each of its tries being a few hundred statements.
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(value=documents())
def test_any_tasks_leave_as_the_bytes_that_they_came_as(value: Any) -> None:
    with transaction.atomic():
        first, second = make_agent(), make_agent()
        bring_in(first, value)
        left = {form: text_of(first, form) for form in Form}

        for form in Form:
            with transaction.atomic():
                bring_in(second, read(left[form].encode(), form=form))
                assert {again: text_of(second, again) for again in Form} == left
                transaction.set_rollback(True)

        same = carrying_out.plan(document_in(value), owner=first, actor=SYSTEM) if _titles_differ(value) else None
        assert same is None or not same.differs
        transaction.set_rollback(True)


def _titles_differ(value: Any) -> bool:
    titles = [task["title"] for task in value["tasks"]]
    return len(titles) == len(set(titles))


def test_every_field_that_can_be_written_is_drawn() -> None:
    drawn = (
        {name for kind in KINDS for name in kind} | set(OPTIONAL) | {"title", "payload", "calendar", "calendar_policy"}
    )

    assert drawn == OF_A_TASK - {"id"}
    assert set(FIELDS) == task_services.WRITABLE


def test_the_order_in_which_things_were_made_does_not_show() -> None:
    entries = [
        {
            "title": title,
            "schedule_kind": "manual",
            "dtstart": "2026-01-01",
            "payload": {"pipeline": [{"uses": "noop"}]},
            "priority": n,
        }
        for title, n in [("b", 1), ("B", 2), ("é", 3), ("a", 4), ("a", 5)]
    ]
    made = []
    for seed in range(3):
        owner = make_agent()
        shuffled = random.Random(seed).sample(entries, len(entries))
        bring_in(owner, {"ordinaut": 1, "tasks": shuffled})
        made.append(text_of(owner, Form.YAML))

    assert made[0] == made[1] == made[2]
    assert [line[9:] for line in made[0].splitlines() if line.startswith("- title")] == ["B", "a", "a", "b", "é"]


def test_numbers_that_the_database_writes_otherwise_come_back_as_they_were() -> None:
    numbers = [1e22, 1.5e300, 1e16, 1e-7, -0.0, 1.0, 2**63 - 1, 123456789012345678]
    task = {
        "title": "n",
        "schedule_kind": "manual",
        "payload": {"params": {"n": numbers}, "pipeline": [{"uses": "noop"}]},
    }
    first, second = make_agent(), make_agent()
    bring_in(first, {"ordinaut": 1, "tasks": [task]})
    left = text_of(first, Form.JSON)

    bring_in(second, read(left.encode(), form=Form.JSON))

    assert text_of(second, Form.JSON) == left
    assert not carrying_out.plan(document_in({"ordinaut": 1, "tasks": [task]}), owner=first, actor=SYSTEM).differs


def test_the_deepest_payload_that_may_be_saved_comes_back() -> None:
    deepest: Any = "x"
    for _ in range(28):
        deepest = [deepest]
    first, second = make_agent(), make_agent()
    payload = {"params": {"p": deepest}, "pipeline": [{"uses": "noop"}]}
    task_services.create_task(first, actor=SYSTEM, title="deep", schedule_kind="manual", payload=payload)
    left = text_of(first, Form.YAML)

    bring_in(second, read(left.encode(), form=Form.YAML))

    assert text_of(second, Form.YAML) == left


def test_a_paused_task_whose_schedule_is_over_comes_back_paused() -> None:
    once = {"schedule_kind": "once", "schedule_expr": "2020-01-01T00:00:00", "timezone": "UTC", "dtstart": "2020-01-01"}
    task = {"title": "over", "payload": {"pipeline": [{"uses": "noop"}]}, "status": "paused", **once}
    owner = make_agent()

    bring_in(owner, {"ordinaut": 1, "tasks": [task]})

    made = Task.objects.get()
    assert (made.status, made.next_run_at, made.due_at) == ("paused", None, None)
    task_services.resume(made, actor=SYSTEM)
    made.refresh_from_db()
    assert made.status == "completed"


def test_own_calendars_travel_with_those_that_they_are_made_of_and_shared_ones_do_not() -> None:
    other, owner, third = make_agent(), make_agent(), make_agent()
    Calendar.objects.create(name="national", created_by=other, shared=True, definition={"weekends": True})
    definition = {"union": [{"calendar": "national"}, {"calendar": "inner"}]}
    task = {
        "title": "t",
        "schedule_kind": "cron",
        "schedule_expr": "0 9 * * *",
        "payload": {"pipeline": [{"uses": "noop"}]},
    }
    calendars = [
        {"name": "outer", "definition": definition},
        {"name": "inner", "definition": {"dates": ["2026-01-01"]}},
    ]
    bring_in(owner, {"ordinaut": 1, "calendars": calendars, "tasks": [task | {"calendar": "outer"}]})
    left = text_of(owner, Form.JSON)

    bring_in(third, read(left.encode(), form=Form.JSON))

    assert [each["name"] for each in read(left.encode(), form=Form.JSON)["calendars"]] == ["inner", "outer"]
    assert text_of(third, Form.JSON) == left
    assert Calendar.objects.filter(created_by=third).count() == 2


def test_a_calendar_whose_name_means_another_is_referred_to_by_its_id() -> None:
    other, owner = make_agent(), make_agent()
    theirs = Calendar.objects.create(name="off", created_by=other, shared=True, definition={"weekends": True})
    task = {
        "title": "t",
        "schedule_kind": "cron",
        "schedule_expr": "0 9 * * *",
        "payload": {"pipeline": [{"uses": "noop"}]},
    }
    bring_in(owner, {"ordinaut": 1, "tasks": [task | {"calendar": "off"}]})
    by_name = read(text_of(owner, Form.JSON).encode(), form=Form.JSON)
    Calendar.objects.create(name="off", created_by=owner, definition={"dates": ["2026-01-01"]})

    by_id = read(text_of(owner, Form.JSON).encode(), form=Form.JSON)

    assert by_name["tasks"][0]["calendar"] == "off"
    assert "calendars" not in by_name
    assert by_id["tasks"][0]["calendar"] == str(theirs.pk)
    found = carrying_out.plan(document_in(by_name), owner=owner, actor=SYSTEM).tasks[0]
    assert [(each.field, each.before, each.after) for each in found.fields] == [("calendar", str(theirs.pk), "off")]
    assert not carrying_out.plan(document_in(by_id), owner=owner, actor=SYSTEM).differs
