"""The record cannot be edited: its pages refuse every way to add, change or delete."""

from collections.abc import Callable

import pytest
from django.db import models
from django.test import Client
from django.utils import timezone

from tasks_app.models import Agent, AuditEntry, OutboxEntry, Run, SkippedOccurrence
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tests.integration.admin.conftest import list_of, page_of
from tests.making import make_task

RECORD = [Run, OutboxEntry, AuditEntry, SkippedOccurrence]


@pytest.fixture(autouse=True)
def _rows() -> None:
    task = make_task()
    tasks.run_now(task, actor=SYSTEM)
    SkippedOccurrence.objects.create(task=task, scheduled_for=timezone.now(), reason="misfired")


def test_even_a_superuser_deletes_no_agent(operator: Client) -> None:
    agent = Agent.objects.get()

    assert operator.post(page_of(agent, "delete"), {"post": "yes"}).status_code == 403
    assert Agent.objects.filter(pk=agent.pk).exists()


@pytest.mark.parametrize("model", RECORD, ids=lambda model: model.__name__)
def test_even_a_superuser_changes_and_deletes_nothing(operator: Client, model: type[models.Model]) -> None:
    row = model._default_manager.values().first()
    assert row is not None
    stored = model._default_manager.get()

    assert operator.post(page_of(stored), {"state": "succeeded", "name": "x"}).status_code == 403
    assert operator.post(page_of(stored, "delete"), {"post": "yes"}).status_code == 403
    assert model._default_manager.values().get() == row


@pytest.mark.parametrize("model", RECORD, ids=lambda model: model.__name__)
def test_even_a_superuser_adds_nothing(operator: Client, model: type[models.Model]) -> None:
    assert operator.post(f"{list_of(model)}add/", {}).status_code == 403
    assert model._default_manager.count() == 1


@pytest.mark.parametrize("model", [*RECORD, Agent], ids=lambda model: model.__name__)
def test_deleting_is_not_even_offered_in_a_list(operator: Client, model: type[models.Model]) -> None:
    form = operator.get(list_of(model)).context["action_form"]

    offered = [name for name, _ in form.fields["action"].choices] if form else []
    assert "delete_selected" not in offered


def test_without_a_permission_there_is_no_page(staff_with: Callable[..., Client]) -> None:
    client = staff_with("view_task")

    assert client.get(list_of(Run)).status_code == 403
    assert client.get(list_of(AuditEntry)).status_code == 403
