"""The pages of tools and of secrets: what is shown, what is never shown, and what an operator may ask."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tasks_app import vault
from tasks_app.models import AuditEntry, Secret, Tool
from tasks_app.services import secrets, tools
from tasks_app.services.actor import SYSTEM
from tests.bringing import bring, use_a_transport_that_reaches_nobody
from tests.integration.admin.conftest import act, list_of, page_of, said
from tests.making import make_agent

NEW = reverse("admin:tasks_secret_add")
SENT = {"name": "weather", "hosts": "api.example.org, *.example.net", "value": "s3cret-canary"}


@pytest.fixture(autouse=True)
def _transport(monkeypatch: pytest.MonkeyPatch) -> None:
    use_a_transport_that_reaches_nobody(monkeypatch)


def test_the_list_and_a_page_show_what_a_tool_says_and_said(operator: Client) -> None:
    tool = bring(description="Tomorrow's weather")
    tools.update_tool(tool.address, actor=SYSTEM, changes={"timeout_seconds": 7.5})

    assert "weather.forecast" in operator.get(list_of(Tool)).content.decode()
    page = operator.get(page_of(tool)).content.decode()
    for shown in (
        "Tomorrow&#x27;s weather",
        "https://api.example.org/forecast",
        "&quot;timeout_seconds&quot;: 7.5",
        "30.0",
    ):
        assert shown in page


def test_an_operator_approves_switches_and_deletes(operator: Client) -> None:
    tool = bring()
    Tool.objects.update(approval="changed")

    assert said(act(operator, "approve", tool))[-1] == "1 tool approved."
    assert Tool.objects.get().approval == "approved"
    assert said(act(operator, "disable", tool))[-1] == "1 tool switched off."
    assert not Tool.objects.get().enabled
    assert said(act(operator, "enable", tool))[-1] == "1 tool switched on."
    assert Tool.objects.get().enabled
    assert said(act(operator, "remove", tool))[-1] == "1 tool deleted."
    assert not Tool.objects.exists()
    assert set(AuditEntry.objects.exclude(action="tool.created").values_list("actor", flat=True)) == {"user:ops"}


def test_who_may_only_look_changes_nothing(staff_with: Callable[..., Client]) -> None:
    tool = bring()
    client = staff_with("view_tool")

    assert client.get(page_of(tool)).status_code == 200
    for action in ("disable", "remove"):
        act(client, action, tool)
    assert Tool.objects.get().enabled
    assert client.post(page_of(tool), {"enabled": ""}).status_code == 403


def test_a_secret_is_put_and_given_another_value_and_never_shown(operator: Client) -> None:
    agent = make_agent()

    assert operator.post(NEW, SENT | {"owner": agent.pk}).status_code == 302
    secret = Secret.objects.get()
    assert (secret.name, secret.owner, secret.hosts) == ("weather", agent, ["api.example.org", "*.example.net"])
    assert vault.unseal(secret.sealed) == "s3cret-canary"

    for page in (operator.get(page_of(secret)), operator.get(list_of(Secret))):
        assert page.status_code == 200
        assert b"s3cret" not in page.content
        assert secret.sealed.encode() not in page.content

    assert operator.post(page_of(secret), {"hosts": "a.example.org", "value": "another"}).status_code == 302
    secret.refresh_from_db()
    assert (secret.hosts, secret.owner, vault.unseal(secret.sealed)) == (["a.example.org"], agent, "another")
    assert AuditEntry.objects.filter(action="secret.rotated").get().actor == "user:ops"


def test_a_faulty_secret_is_refused_at_its_field_without_its_value(operator: Client) -> None:
    answer = operator.post(NEW, SENT | {"hosts": "https://api.example.org"})

    assert b"is no host" in answer.content
    assert b"s3cret" not in answer.content
    assert not Secret.objects.exists()


def test_a_secret_is_deleted_through_the_service(operator: Client, staff_with: Callable[..., Client]) -> None:
    secret, _ = secrets.put_secret("weather", value="a", hosts=["a.example.org"], owner=None, actor=SYSTEM)
    watcher = staff_with("view_secret")

    assert watcher.get(page_of(secret)).status_code == 200
    act(watcher, "remove", secret)
    assert Secret.objects.exists()
    assert said(act(operator, "remove", secret))[-1] == "1 secret deleted."
    assert not Secret.objects.exists()
