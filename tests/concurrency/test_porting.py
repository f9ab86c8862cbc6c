"""Documents that are imported and applied while somebody else works on the same tasks."""

from typing import Any

import pytest
from django.db import OperationalError, transaction

from tasks_app.models import Agent, Task
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tasks_app.services.porting import carrying_out
from tasks_app.services.porting.shape import Document, document_in
from tests.concurrency.another import as_another
from tests.making import make_agent

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
