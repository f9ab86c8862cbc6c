"""Who visits the admin in these tests, and what they send."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.db import models
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse


@pytest.fixture(autouse=True)
def _rows_and_redis(db: None, redis_emptied: None) -> Iterator[None]:
    return (yield)


@pytest.fixture
def operator() -> Client:
    """A superuser called `ops`, logged in."""
    client = Client()
    client.force_login(User.objects.create_superuser("ops"))
    return client


@pytest.fixture
def staff_with() -> Callable[..., Client]:
    """A logged-in member of the staff who has only the permissions named."""

    def login(*codenames: str) -> Client:
        user = User.objects.create_user("limited", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client = Client()
        client.force_login(user)
        return client

    return login


def page_of(row: models.Model, kind: str = "change") -> str:
    return reverse(f"admin:tasks_{row._meta.model_name}_{kind}", args=[row.pk])


def list_of(model: type[models.Model], query: str = "") -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + query


def act(client: Client, action: str, *rows: models.Model, **said_with_it: str) -> HttpResponse:
    """Choose `action` for `rows` in their list."""
    chosen = {"action": action, "_selected_action": [str(row.pk) for row in rows], **said_with_it}
    return client.post(list_of(type(rows[0])), chosen)


def said(response: HttpResponse) -> list[str]:
    """The messages that the next page will show."""
    return [str(message) for message in get_messages(response.wsgi_request)]
