"""`/tools/{address}/stats`: the calls of the last minute, and whether a tool is called at all."""

import pytest
from rest_framework.test import APIClient

from tests.bringing import bring, use_a_transport_that_reaches_nobody
from tests.integration.api.making import client_of
from tests.integration.destinations.making import opened, told
from tests.making import make_agent

URL = "/api/v1/tools"


@pytest.fixture(autouse=True)
def _transport(monkeypatch: pytest.MonkeyPatch) -> None:
    use_a_transport_that_reaches_nobody(monkeypatch)


@pytest.fixture
def reader(db: None) -> APIClient:
    return client_of(make_agent(scopes=("tools:read",)))


def test_a_tool_that_nobody_has_called_is_of_unknown_health(reader: APIClient) -> None:
    bring()

    assert reader.get(f"{URL}/weather.forecast/stats").json() == {
        "seconds": 60.0,
        "calls": 0,
        "failures": 0,
        "retries": 0,
        "waiting": 0,
        "health": "unknown",
        "destinations": [],
    }


def test_the_calls_of_all_its_destinations_count_and_of_no_other_tool(reader: APIClient) -> None:
    bring()
    told(3, 1, of="weather.forecast a.example.org:443")
    told(2, 0, of="weather.forecast b.example.org:443")
    told(9, 9, of="weather.forecasts a.example.org:443")

    numbers = reader.get(f"{URL}/weather.forecast/stats").json()

    assert (numbers["calls"], numbers["failures"], numbers["health"]) == (5, 1, "closed")
    assert {each["destination"] for each in numbers["destinations"]} == {
        "weather.forecast a.example.org:443",
        "weather.forecast b.example.org:443",
    }


def test_one_open_breaker_is_what_its_health_says(reader: APIClient, as_admin: APIClient) -> None:
    opened()  # of http.request, which goes wherever its input says

    assert reader.get(f"{URL}/http.request/stats").json()["health"] == "open"
    assert reader.get(f"{URL}/http.request/stats").json()["destinations"] == []
    assert len(as_admin.get(f"{URL}/http.request/stats").json()["destinations"]) == 1


def test_a_tool_that_is_not_there_has_no_numbers(reader: APIClient) -> None:
    assert reader.get(f"{URL}/weather.forecast/stats").status_code == 404
