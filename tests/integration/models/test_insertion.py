"""New rows of any models go to the database in one message, and hold afterwards what it gave them."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from tasks_app.models import Agent, AuditEntry, OutboxEntry, Task, TaskDefinition
from tasks_app.models.ids import new_id
from tasks_app.models.insertion import insert
from tasks_app.services.tasks import definition_of
from tests.making import make_task

pytestmark = pytest.mark.django_db


def entry(**fields: Any) -> AuditEntry:
    return AuditEntry(actor="system", action="noted", object_kind="task", object_id=new_id(), **fields)


def kept_of(row: models.Model) -> dict[str, Any]:
    [kept] = type(row)._meta.default_manager.filter(pk=row.pk).values()
    return dict(kept)


def values_of(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.fixture
def task() -> Task:
    """Yet to be inserted, with values of many kinds."""
    like = make_task(payload={"pipeline": [], "params": {"ä": [1.5, None, "x' \\ %s"]}})
    fields = {name: value for name, value in values_of(like).items() if name not in {"id", "created_at", "updated_at"}}
    return Task(**fields)


def test_a_row_is_kept_as_save_would_keep_it_and_holds_what_is_kept(task: Task) -> None:
    insert(task)

    assert not task._state.adding
    assert values_of(task) == kept_of(task)
    assert task.created_at.tzinfo is not None


def test_rows_of_several_models_go_in_one_message_in_their_order(task: Task) -> None:
    first, second = entry(details={"n": 1}), entry(details={"n": 2})

    with CaptureQueriesContext(connection) as asked:
        insert(task, definition_of(task), first, second)

    assert len(asked) == 1
    assert (second.pk, second.details) == (first.pk + 1, {"n": 2})
    assert [values_of(each) for each in (first, second)] == [kept_of(each) for each in (first, second)]
    assert TaskDefinition.objects.filter(task=task).count() == 1


def test_what_the_database_gives_is_given_to_each_row_by_itself() -> None:
    noted = OutboxEntry(aggregate_kind="task", aggregate_id=new_id(), seq=1, facts=[["task.created", {}]])
    named = OutboxEntry(
        aggregate_kind="task", aggregate_id=new_id(), seq=1, facts=[["x.y", {"z": "1"}]], request_id="r"
    )

    insert(noted, named)

    assert [values_of(each) for each in (noted, named)] == [kept_of(each) for each in (noted, named)]
    assert (noted.request_id, named.request_id) == ("", "r")


def test_a_list_and_a_moment_are_kept() -> None:
    agent = Agent(name="lister", scopes=["tasks:read", 'a"b,c'], secret_hash="x")

    insert(agent)

    assert kept_of(agent)["scopes"] == ["tasks:read", 'a"b,c']
    assert values_of(agent) == kept_of(agent)


def test_nothing_is_kept_where_one_of_them_is_refused() -> None:
    noted = entry()
    of_no_task = TaskDefinition(task_id=new_id(), version=1, title="", timezone="UTC", payload=None, max_retries=-1)

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(noted, of_no_task)

    assert not AuditEntry.objects.filter(object_id=noted.object_id).exists()
