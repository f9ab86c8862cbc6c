"""Two who change the catalogue at once: one after the other, and neither loses what the other wrote."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tasks_app.exceptions import InvalidRequest
from tasks_app.models import CatalogueStamp, Secret, Tool, ToolVersion
from tasks_app.services import secrets, tools
from tasks_app.services.actor import SYSTEM
from tasks_app.services.tool_import import Imported, Wanted, import_tools
from tests.bringing import ENTRY, bring, use_a_transport_that_reaches_nobody

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _transport(monkeypatch: pytest.MonkeyPatch) -> None:
    use_a_transport_that_reaches_nobody(monkeypatch)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each came to, a refusal included, each on a connection of its own."""
    together = threading.Barrier(len(acts))
    came_to: list[Any] = [None] * len(acts)

    def do(number: int, act: Callable[[], Any]) -> None:
        try:
            together.wait(10)
            came_to[number] = act()
        except InvalidRequest as refusal:
            came_to[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return came_to


def importing(*addresses: str, **options: Any) -> Callable[[], Imported]:
    wanted = [
        Wanted(place=f"/tools/{position}", fields=ENTRY | {"address": address})
        for position, address in enumerate(addresses)
    ]
    return lambda: import_tools(wanted, actor=SYSTEM, **options)


def test_two_imports_of_one_file_bring_each_tool_once() -> None:
    names = ["a.one", "a.two", "a.three"]

    first, second = at_once(importing(*names), importing(*reversed(names)))

    assert isinstance(first, Imported)
    assert isinstance(second, Imported)
    assert sorted(first.created + second.created) == sorted(names)
    assert sorted(first.unchanged + second.unchanged) == sorted(names)
    assert ToolVersion.objects.count() == 3


def test_of_two_that_bring_the_same_address_one_is_refused() -> None:
    came_to = at_once(bring, bring)

    assert sorted(type(each).__name__ for each in came_to) == ["InvalidRequest", "Tool"]
    [refusal] = [each for each in came_to if isinstance(each, InvalidRequest)]
    assert refusal.faults[0].pointer == "/address"


def test_two_changes_of_one_tool_are_two_versions_that_hold_both() -> None:
    bring()

    at_once(
        lambda: tools.update_tool("weather.forecast", actor=SYSTEM, changes={"timeout_seconds": 5.0}),
        lambda: tools.update_tool("weather.forecast", actor=SYSTEM, changes={"description": "Anew"}),
    )

    tool = Tool.objects.get()
    assert (tool.version, tool.timeout_seconds, tool.description) == (3, 5.0, "Anew")
    assert ToolVersion.objects.get(tool=tool, version=3).definition == tool.definition


def test_two_values_for_one_secret_leave_one_row() -> None:
    def put(value: str) -> Callable[[], Any]:
        return lambda: secrets.put_secret("a", value=value, hosts=["a.example.org"], owner=None, actor=SYSTEM)

    came_to = at_once(put("one"), put("two"))

    assert sorted(is_new for _, is_new in came_to) == [False, True]
    assert Secret.objects.count() == 1


def test_whoever_changes_something_leaves_another_stamp() -> None:
    bring()
    first = CatalogueStamp.objects.get().value

    at_once(importing("a.one"), lambda: tools.delete_tool("weather.forecast", actor=SYSTEM))

    assert CatalogueStamp.objects.get().value != first
    assert list(Tool.objects.values_list("address", flat=True)) == ["a.one"]
