"""`/tools/import`: a `tools.json`, all of it or nothing, as often as one likes."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Tool, ToolVersion
from tests.bringing import ENTRY, bring, use_a_transport_that_reaches_nobody
from tests.integration.api.making import client_of
from tests.making import make_agent

URL = "/api/v1/tools/import"
OTHER = {"address": "mail.send", "transport": "http", "endpoint": "https://mail.example.org", "scopes": ["notify"]}
FAULTY = {"address": "mail.read", "transport": "http", "endpoint": "gopher://mail.example.org"}


@pytest.fixture(autouse=True)
def _transport(monkeypatch: pytest.MonkeyPatch) -> None:
    use_a_transport_that_reaches_nobody(monkeypatch)


@pytest.fixture
def bringer(db: None) -> APIClient:
    return client_of(make_agent(scopes=("tools:write",)))


def faults(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.json()
    return [fault["pointer"] for fault in answer.json()["errors"]]


@pytest.mark.parametrize("sent", [[ENTRY, OTHER], {"tools": [ENTRY, OTHER]}])
def test_all_that_a_file_holds_is_brought(bringer: APIClient, sent: Any) -> None:
    answer = bringer.post(URL, sent)

    assert answer.status_code == 200
    assert answer.json() == {
        "created": ["weather.forecast", "mail.send"],
        "updated": [],
        "unchanged": [],
        "refused": [],
    }
    assert Tool.objects.get(address="mail.send").settings == {"endpoint": "https://mail.example.org"}
    assert ToolVersion.objects.count() == 2


def test_the_same_file_again_changes_nothing(bringer: APIClient) -> None:
    bringer.post(URL, [ENTRY, OTHER])

    answer = bringer.post(URL, [ENTRY, OTHER]).json()

    assert answer["unchanged"] == ["weather.forecast", "mail.send"]
    assert ToolVersion.objects.count() == 2


def test_a_tool_that_says_something_else_is_replaced_only_when_asked(bringer: APIClient) -> None:
    bring(enabled=False)
    changed = ENTRY | {"timeout_seconds": 5}

    assert faults(bringer.post(URL, {"tools": [OTHER, changed]})) == ["/tools/1/address"]
    assert Tool.objects.count() == 1

    answer = bringer.post(URL, {"tools": [OTHER, changed], "replace": True}).json()
    assert (answer["created"], answer["updated"]) == (["mail.send"], ["weather.forecast"])
    tool = Tool.objects.get(address="weather.forecast")
    assert (tool.timeout_seconds, tool.version, tool.approval, tool.enabled) == (5, 2, "approved", False)


def test_a_file_says_whether_a_tool_is_on(bringer: APIClient) -> None:
    bring()

    answer = bringer.post(URL, {"tools": [ENTRY | {"enabled": False}], "replace": True}).json()

    assert answer["updated"] == ["weather.forecast"]
    assert not Tool.objects.get().enabled


@pytest.mark.parametrize(
    ("sent", "pointers"),
    [
        ([ENTRY, FAULTY], ["/1/endpoint"]),
        ({"tools": [FAULTY, ENTRY, FAULTY | {"address": "x"}]}, ["/tools/0/endpoint", "/tools/2/address"]),
        ({"tools": [ENTRY, ENTRY | {"pure": True}]}, ["/tools/1/address"]),
        ({"tools": [ENTRY, {"address": 5, "colour": "red"}]}, ["/tools/1/address", "/tools/1/transport", "/tools/1/colour"]),
        ({"tools": [5]}, ["/tools/0"]),
        ({"tools": {}}, ["/tools"]),
        ({"tools": [], "replace": "yes"}, ["/replace"]),
        ({"tools": [], "colour": "red"}, ["/colour"]),
        ({}, ["/tools"]),
        ("text", ["/tools"]),
        ([OTHER | {"settings": {"endpoint": "https://a"}}], ["/0/endpoint"]),
        ([OTHER | {"settings": 5}], ["/0/endpoint", "/0/settings"]),
        ([ENTRY] * 1001, [""]),
    ],
)  # fmt: skip
def test_one_fault_leaves_everything_out_and_every_fault_is_told(
    bringer: APIClient, sent: Any, pointers: list[str]
) -> None:
    assert sorted(faults(bringer.post(URL, sent))) == sorted(pointers)
    assert not Tool.objects.exists()


def test_a_partial_import_brings_what_has_no_fault(bringer: APIClient) -> None:
    bring(timeout_seconds=7)
    sent = {"tools": [ENTRY, FAULTY, OTHER, {"address": 5}], "partial": True}

    answer = bringer.post(URL, sent)

    assert answer.status_code == 200
    assert answer.json()["created"] == ["mail.send"]
    assert {fault["pointer"] for fault in answer.json()["refused"]} == {
        "/tools/0/address",
        "/tools/1/endpoint",
        "/tools/3/address",
        "/tools/3/transport",
    }
