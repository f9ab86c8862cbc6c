"""The page of destinations: how they are, and one action."""

from collections.abc import Callable

from django.test import Client

from tasks_app.models import AuditEntry, Destination
from tests.integration.admin.conftest import act, list_of, page_of, said
from tests.integration.destinations.making import API, opened, told


def test_the_list_and_a_page_show_what_is_open(operator: Client) -> None:
    destination = opened()
    told(1, 0, of="llm.generate")

    shown = operator.get(list_of(Destination)).content.decode()

    assert API in shown
    assert "llm.generate" in shown
    assert operator.get(page_of(destination)).status_code == 200
    assert "llm.generate" not in operator.get(list_of(Destination, "?state__exact=open")).content.decode()


def test_an_operator_closes_one_by_hand(operator: Client) -> None:
    destination = opened()

    answer = act(operator, "reset", destination)

    assert said(answer) == ["1 destination reset."]
    destination.refresh_from_db()
    assert destination.state == "closed"
    assert AuditEntry.objects.get().actor == "user:ops"


def test_who_may_only_look_is_not_offered_it(staff_with: Callable[..., Client]) -> None:
    destination = opened()
    client = staff_with("view_destination")

    assert client.get(list_of(Destination)).status_code == 200
    act(client, "reset", destination)

    destination.refresh_from_db()
    assert destination.state == "open"


def test_even_a_superuser_changes_and_deletes_nothing(operator: Client) -> None:
    destination = opened()

    assert operator.post(page_of(destination), {"state": "closed"}).status_code == 403
    assert operator.post(page_of(destination, "delete"), {"post": "yes"}).status_code == 403
    assert operator.post(f"{list_of(Destination)}add/", {}).status_code == 403
