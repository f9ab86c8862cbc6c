"""A hook that is deleted while it receives: what was sent is an event, or there is no such hook; never an error."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from tasks_app.api.views import hook_intake as view
from tasks_app.models import Hook, HookReceipt
from tasks_app.services import events, hooks
from tasks_app.services.actor import SYSTEM
from tests.integration.api.test_hook_intake import Sender
from tests.making import make_agent

pytestmark = pytest.mark.django_db(transaction=True)


def on_another_connection(act: Callable[[], None]) -> str:
    """What it came to: empty, or the error of waiting for a lock for longer than a moment."""

    def work() -> str:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '100ms'")
                act()
        except OperationalError as error:
            return str(error)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


@pytest.fixture
def sender() -> Sender:
    return Sender(make_agent(scopes=("events:publish",)))


def test_once_it_publishes_the_hook_stays_until_that_is_done(monkeypatch: pytest.MonkeyPatch, sender: Sender) -> None:
    told: list[str] = []
    publish = events.publish

    def published(*args: Any, **options: Any) -> Any:
        told.append(on_another_connection(lambda: hooks.delete_hook(sender.hook, actor=SYSTEM)))
        return publish(*args, **options)

    monkeypatch.setattr(events, "publish", published)

    answer = sender.send({"a": 1})

    assert answer.status_code == 202
    assert "lock timeout" in told[0]
    assert HookReceipt.objects.get().event_id is not None
    assert on_another_connection(lambda: hooks.delete_hook(sender.hook, actor=SYSTEM)) == ""


def test_one_that_is_deleted_before_it_publishes_is_not_there(monkeypatch: pytest.MonkeyPatch, sender: Sender) -> None:
    payload_of = view.payload_of

    def read(*args: Any) -> Any:
        assert on_another_connection(lambda: hooks.delete_hook(sender.hook, actor=SYSTEM)) == ""
        return payload_of(*args)

    monkeypatch.setattr(view, "payload_of", read)

    answer = sender.send({"a": 1})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not Hook.objects.exists()
    assert not HookReceipt.objects.exists()


def test_two_deliveries_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch, sender: Sender) -> None:
    codes: list[int] = []
    publish = events.publish

    def published(*args: Any, **options: Any) -> Any:
        monkeypatch.setattr(events, "publish", publish)
        with ThreadPoolExecutor(1) as pool:
            codes.append(pool.submit(second).result())
        return publish(*args, **options)

    def second() -> int:
        try:
            return int(sender.send({"a": 2}, delivery="another").status_code)
        finally:
            connection.close()

    monkeypatch.setattr(events, "publish", published)

    assert (sender.send({"a": 1}).status_code, codes) == (202, [202])
