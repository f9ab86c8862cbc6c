"""What the operator allows is what entries can be made of; what is known of them follows what is kept."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from django.test import override_settings

from pipelines.transports import StdioServer
from tasks_app import catalogue
from tasks_app.conf import conf
from tasks_app.exceptions import InvalidRequest
from tasks_app.models import CatalogueStamp, Secret, Tool
from tasks_app.rate_limits import RateLimit
from tasks_app.services import tools
from tasks_app.services.actor import SYSTEM
from tests.bringing import bring, use_a_transport_that_reaches_nobody

pytestmark = pytest.mark.django_db


def allowing(**settings: Any) -> Any:
    return override_settings(ORDINAUT=replace(conf(), **settings))


def brought(transport: str, settings: Mapping[str, Any]) -> Tool:
    return tools.create_tool(address="ours.tool", transport=transport, settings=settings, actor=SYSTEM)


@pytest.mark.parametrize(
    ("transport", "settings", "allowed", "pointer"),
    [
        ("python", {"callable": "count"}, {"python_tools": {"count": "tests.bringing:counted"}}, "/settings/callable"),
        (
            "mcp-stdio",
            {"server": "notes"},
            {"mcp_servers": {"notes": StdioServer(command=("true",))}},
            "/settings/server",
        ),
    ],
)
def test_an_entry_uses_what_the_operator_names_and_nothing_else(
    transport: str, settings: dict[str, str], allowed: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        brought(transport, settings)
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]

    with allowing(**allowed):
        brought(transport, settings)
        assert catalogue.catalogue().get("ours.tool").destination is not None or transport == "python"


def test_a_function_of_the_operators_is_called() -> None:
    with allowing(python_tools={"count": "tests.bringing:counted"}):
        brought("python", {"callable": "count"})

        class Call:
            agent_id = "no id"

        called = catalogue.catalogue().get("ours.tool").call({"text": "abc"}, Call())  # type: ignore[arg-type]
    assert called == {"letters": 3}


def test_nothing_is_read_again_while_nothing_changes(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    use_a_transport_that_reaches_nobody(monkeypatch)
    bring()
    first = catalogue.catalogue()
    made = first.get("weather.forecast")

    with django_assert_num_queries(1):
        assert catalogue.catalogue() is first
    bring(address="weather.other")
    with django_assert_num_queries(4):
        assert catalogue.catalogue() is not first
    assert catalogue.known().get("weather.forecast") is made, "what has not changed is not made again"


def test_a_tool_made_anew_under_an_old_address_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    use_a_transport_that_reaches_nobody(monkeypatch)
    bring(timeout_seconds=5.0)
    assert catalogue.catalogue().get("weather.forecast").timeout_seconds == 5.0

    tools.delete_tool("weather.forecast", actor=SYSTEM)
    bring(timeout_seconds=7.0)

    assert catalogue.catalogue().get("weather.forecast").timeout_seconds == 7.0


def test_a_built_in_tool_goes_before_one_that_was_brought_earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    use_a_transport_that_reaches_nobody(monkeypatch)
    tool = bring()
    Tool.objects.filter(pk=tool.pk).update(address="debug.echo")

    known = catalogue.catalogue()

    assert known.get("debug.echo") is catalogue.builtin().get("debug.echo")
    assert len(known) == len(list(known)) == len(catalogue.builtin())


def test_the_operators_limit_goes_before_the_entrys(monkeypatch: pytest.MonkeyPatch) -> None:
    use_a_transport_that_reaches_nobody(monkeypatch)
    bring(rate_limit="1/s")
    bring(address="weather.other", rate_limit="2/s")
    catalogue.refresh()
    operators = {
        "weather.forecast": RateLimit("weather.forecast", 60.0),
        "a.example.org": RateLimit("a.example.org", 1.0),
    }

    limits = catalogue.RateLimits(operators)

    assert limits["weather.forecast"].seconds == 60.0
    assert limits["weather.other"].seconds == 0.5
    assert set(limits) == {"weather.forecast", "weather.other", "a.example.org"}
    assert len(limits) == 3
    assert "nobody" not in limits


def test_rows_say_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    use_a_transport_that_reaches_nobody(monkeypatch)
    tool = bring()

    assert str(tool) == "weather.forecast"
    assert str(tool.versions.get()) == "weather.forecast (version 1)"
    assert str(CatalogueStamp.objects.get()) == str(CatalogueStamp.objects.get().value)
    assert str(Secret(name="a")) == "a"
