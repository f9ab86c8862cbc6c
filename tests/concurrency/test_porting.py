"""Documents that are imported and applied while somebody else works on the same tasks."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import OperationalError, transaction

from tasks_app.models import Agent, Calendar, Task
from tasks_app.services import calendars, tasks
from tasks_app.services.actor import SYSTEM
from tasks_app.services.porting import carrying_out
from tasks_app.services.porting.shape import Document, document_in
from tests.concurrency.another import as_another
from tests.making import make_agent
from tests.unit.calendars.dates import ics

pytestmark = pytest.mark.django_db(transaction=True)


def a_document(**fields: Any) -> Document:
    task = {"title": "t", "schedule_kind": "manual", "payload": {"pipeline": [{"uses": "noop"}]}} | fields
    return document_in({"ordinaut": 1, "tasks": [task]})


def bring_in(owner: Agent) -> None:
    carrying_out.import_document(a_document(), owner=owner, actor=SYSTEM)


def test_two_imports_of_one_owners_never_see_half_of_each_other() -> None:
    owner, another = make_agent(), make_agent()

    with transaction.atomic():
        bring_in(owner)
        with pytest.raises(OperationalError, match="lock timeout"):
            as_another(lambda: bring_in(owner))
        as_another(lambda: bring_in(another))

    assert sorted(Task.objects.values_list("created_by", flat=True)) == sorted([owner.pk, another.pk])


def test_what_an_apply_has_found_in_order_is_changed_by_nobody_until_it_is_done() -> None:
    owner = make_agent()
    bring_in(owner)
    task = Task.objects.get()

    with transaction.atomic():
        assert not carrying_out.apply(a_document(), owner=owner, actor=SYSTEM).differs
        with pytest.raises(OperationalError, match="lock timeout"):
            as_another(lambda: tasks.update_task(task, actor=SYSTEM, changes={"priority": 1}))

    task.refresh_from_db()
    assert (task.priority, task.version) == (5, 1)


def test_a_plan_leaves_no_lock_behind() -> None:
    owner = make_agent()
    bring_in(owner)
    task = Task.objects.get()

    carrying_out.plan(a_document(priority=7), owner=owner, actor=SYSTEM)

    as_another(lambda: tasks.update_task(task, actor=SYSTEM, changes={"priority": 1}))
    task.refresh_from_db()
    assert (task.priority, task.version) == (1, 2)


@pytest.mark.parametrize("verb", ["import_document", "plan", "apply"])
def test_a_slow_server_of_calendar_files_holds_nobody_up(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, another = make_agent(), make_agent()
    others = [f"meanwhile-{number}" for number in range(4)]
    waited: list[str] = []

    def fetch(urls: Sequence[str]) -> dict[str, str]:
        if not urls:
            return {}
        name = others[len(waited)]
        as_another(lambda: calendars.create_calendar(another, actor=SYSTEM, name=name, definition={"weekends": True}))
        as_another(lambda: bring_in(owner))
        waited.append(name)
        return dict.fromkeys(urls, ics("DTSTART:20261224|SUMMARY:Eve"))

    monkeypatch.setattr("tasks_app.calendars.fetching.fetch_all", fetch)
    wanted = [{"name": name, "definition": {"ics_url": f"https://example.org/{name}.ics"}} for name in ("a", "b", "c")]
    document = document_in({"ordinaut": 1, "calendars": wanted, "tasks": []})

    getattr(carrying_out, verb)(document, owner=owner, actor=SYSTEM)

    assert len(waited) == 1
    assert Calendar.objects.filter(created_by=owner).count() == (0 if verb == "plan" else 3)
