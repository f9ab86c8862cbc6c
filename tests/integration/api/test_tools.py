"""`/tools`: brought, read, changed and deleted; the built-in ones beside them."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.models import AuditEntry, Tool
from tests.bringing import ENTRY, bring, use_a_transport_that_reaches_nobody
from tests.integration.api.making import client_of
from tests.making import make_agent

URL = "/api/v1/tools"
WHERE = f"{URL}/weather.forecast"


@pytest.fixture(autouse=True)
def _transport(monkeypatch: pytest.MonkeyPatch) -> None:
    use_a_transport_that_reaches_nobody(monkeypatch)


@pytest.fixture
def bringer(db: None) -> APIClient:
    return client_of(make_agent(scopes=("tools:read", "tools:write")))


def faults(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.json()
    return [fault["pointer"] for fault in answer.json()["errors"]]


def test_a_tool_is_brought_and_read(bringer: APIClient) -> None:
    answer = bringer.post(URL, ENTRY)

    made = answer.json()
    assert answer.status_code == 201
    assert made | ENTRY == made
    assert answer.headers["Location"] == f"http://testserver{WHERE}"
    assert {name: made[name] for name in ("timeout_seconds", "scopes", "cost_tier", "pure", "version", "approval")} == {
        "timeout_seconds": 30.0,
        "scopes": [],
        "cost_tier": "free",
        "pure": False,
        "version": 1,
        "approval": "approved",
    }
    assert (made["enabled"], made["built_in"], made["rate_limit"]) == (True, False, None)
    assert bringer.get(WHERE).json() == made


def test_an_entry_may_write_its_endpoint_beside_its_address(bringer: APIClient) -> None:
    flat = {name: value for name, value in ENTRY.items() if name != "settings"}

    made = bringer.post(URL, flat | {"endpoint": "https://a.example.org", "headers": {"Accept": "text/plain"}})
    assert made.json()["settings"] == {"endpoint": "https://a.example.org", "headers": {"Accept": "text/plain"}}
    assert faults(bringer.put(WHERE, flat | {"endpoint": "ftp://a.example.org"})) == ["/endpoint"]
    assert faults(bringer.put(WHERE, ENTRY | {"endpoint": "https://a.example.org"})) == ["/endpoint"]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"address": "weather"}, "/address"),
        ({"address": "Weather.forecast"}, "/address"),
        ({"address": "debug.echo"}, "/address"),
        ({"address": "a." + "b" * 200}, "/address"),
        ({"transport": "pigeon"}, "/transport"),
        ({"transport": 3}, "/transport"),
        ({"settings": {"endpoint": "file:///etc/passwd"}}, "/settings/endpoint"),
        ({"settings": []}, "/settings"),
        ({"input_schema": {"properties": {"a/b": {"type": "text"}}}}, "/input_schema/properties/a~1b/type"),
        ({"output_schema": {"pattern": "(?=a)"}}, "/output_schema/pattern"),
        ({"output_schema": {"$ref": "http://127.0.0.1:9/x"}}, "/output_schema/$ref"),
        ({"input_schema": {"description": "x" * 20_000}}, "/input_schema/description"),
        ({"timeout_seconds": 0}, "/timeout_seconds"),
        ({"timeout_seconds": 301}, "/timeout_seconds"),
        ({"timeout_seconds": "30"}, "/timeout_seconds"),
        ({"scopes": ["Calendar"]}, "/scopes/0"),
        ({"scopes": ["a"] * 21}, "/scopes"),
        ({"scopes": [1]}, "/scopes/0"),
        ({"max_retries": 11}, "/max_retries"),
        ({"max_retries": "1"}, "/max_retries"),
        ({"rate_limit": "ten a minute"}, "/rate_limit"),
        ({"pure": "yes"}, "/pure"),
        ({"cost_tier": ""}, "/cost_tier"),
        ({"description": "x" * 4001}, "/description"),
        ({"examples": [{"in": 1}]}, "/examples/0"),
        ({"examples": [{}] * 21}, "/examples"),
        ({"examples": [{"input": {"city": 5}}]}, "/examples/0/input/city"),
        ({"version": 3}, "/version"),
        ({"settings": {"endpoint": "https://a", "headers": {"Authorization": "Bearer abc"}}}, "/settings/headers/Authorization"),
        ({"settings": {"endpoint": "https://a", "auth": [{"api_key": "abc"}]}}, "/settings/auth/0/api_key"),
        ({"settings": {"endpoint": "https://a", "notes": ["x" * 260_000]}}, "/settings/notes/0"),
    ],
)  # fmt: skip
def test_a_faulty_entry_is_refused_at_its_place(bringer: APIClient, wrong: dict[str, Any], pointer: str) -> None:
    assert faults(bringer.post(URL, ENTRY | wrong)) == [pointer]
    assert not Tool.objects.exists()


def test_a_credential_is_refused_with_the_cure_and_a_secrets_name_is_not(bringer: APIClient) -> None:
    def sent(value: str) -> dict[str, Any]:
        return ENTRY | {"settings": {"endpoint": "https://a.example.org", "headers": {"Authorization": value}}}

    refused = bringer.post(URL, sent("Bearer abc"))
    assert "/api/v1/secrets" in refused.json()["errors"][0]["message"]
    assert "abc" not in refused.content.decode()
    assert bringer.post(URL, sent("Bearer ${secrets('token')}")).status_code == 201


def test_an_address_is_taken_once(bringer: APIClient) -> None:
    bring()

    assert faults(bringer.post(URL, ENTRY)) == ["/address"]
    assert Tool.objects.count() == 1


def test_a_patch_changes_what_it_names_a_put_everything_and_each_is_a_version(bringer: APIClient) -> None:
    bring(description="Tomorrow's", rate_limit="10/m")

    patched = bringer.patch(WHERE, {"timeout_seconds": 5}).json()
    assert (patched["timeout_seconds"], patched["description"], patched["version"]) == (5, "Tomorrow's", 2)

    replaced = bringer.put(WHERE, ENTRY).json()
    assert (replaced["timeout_seconds"], replaced["description"], replaced["version"]) == (30, "", 3)
    assert replaced["rate_limit"] is None

    assert bringer.put(WHERE, ENTRY).json()["version"] == 3
    assert faults(bringer.patch(WHERE, {"address": "weather.other"})) == ["/address"]
    assert faults(bringer.patch(WHERE, {"input_schema": {"$ref": "#"}})) == ["/input_schema"]

    versions = bringer.get(f"{WHERE}/versions").json()["items"]
    assert [each["version"] for each in versions] == [3, 2, 1]
    assert [each["definition"]["timeout_seconds"] for each in versions] == [30, 5, 30]
    assert versions[0]["by"].startswith("agent:")


def test_a_tool_is_switched_off_without_a_new_version(bringer: APIClient) -> None:
    bring()

    off = bringer.patch(WHERE, {"enabled": False}).json()

    assert (off["enabled"], off["version"]) == (False, 1)
    assert AuditEntry.objects.get(action="tool.updated").details["changed"] == ["enabled"]


def test_a_tool_is_deleted_with_its_versions(bringer: APIClient) -> None:
    bring()

    assert bringer.delete(WHERE).status_code == 204
    assert bringer.get(WHERE).status_code == 404
    assert bringer.delete(WHERE).status_code == 404
    assert bringer.get(f"{WHERE}/versions").status_code == 404
    assert list(AuditEntry.objects.filter(object_kind="tool").values_list("action", flat=True)) == [
        "tool.deleted",
        "tool.created",
    ]


def test_the_built_in_tools_are_read_and_never_changed(bringer: APIClient) -> None:
    told = bringer.get(f"{URL}/debug.echo").json()

    assert (told["transport"], told["built_in"], told["version"]) == ("builtin", True, 1)
    assert told.keys() == bringer.post(URL, ENTRY).json().keys()
    assert bringer.get(f"{URL}/debug.echo/versions").json() == {"items": []}
    for method, path, body in (
        ("put", "", ENTRY),
        ("patch", "", {"timeout_seconds": 5}),
        ("delete", "", None),
        ("post", "/approve", {}),
    ):
        answer = getattr(bringer, method)(f"{URL}/debug.echo{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move"), method


def test_a_list_holds_both_kinds_in_the_order_of_their_addresses(bringer: APIClient) -> None:
    bring()
    bring(address="a.first", description="Of all")

    listed: list[dict[str, Any]] = []
    page: Any = {"next": f"{URL}?limit=3"}
    while page["next"]:
        page = bringer.get(page["next"]).json()
        listed.extend(page["items"])

    addresses = [each["address"] for each in listed]
    assert addresses == sorted(set(addresses))
    assert {"a.first", "debug.echo", "noop", "weather.forecast"} <= set(addresses)
    assert not {"settings", "input_schema"} & listed[0].keys()
    assert len({frozenset(each) for each in listed}) == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"transport": "http"}, ["a.first", "weather.forecast"]),
        ({"transport": "http", "search": "OF ALL"}, ["a.first"]),
        ({"search": "debug.e"}, ["debug.echo"]),
        ({"search": "forecast"}, ["weather.forecast"]),
        ({"enabled": "false"}, ["a.first"]),
        ({"approval": "changed"}, []),
        ({"transport": "builtin", "search": "weather"}, []),
    ],
)
def test_a_list_is_narrowed(bringer: APIClient, asked: dict[str, str], found: list[str]) -> None:
    bring()
    bring(address="a.first", description="Of all", enabled=False)

    assert [each["address"] for each in bringer.get(URL, asked).json()["items"]] == found


def test_a_filter_that_is_not_known_is_refused(bringer: APIClient) -> None:
    assert faults(bringer.get(URL, {"colour": "red"})) == ["/colour"]
    assert faults(bringer.get(URL, {"transport": "pigeon"})) == ["/transport"]


@pytest.mark.parametrize("version", [{}, {"version": 1}])
def test_what_has_changed_is_approved_by_somebody(bringer: APIClient, version: dict[str, int]) -> None:
    bring()
    Tool.objects.update(approval="changed")

    answer = bringer.post(f"{WHERE}/approve", version)

    assert answer.json()["approval"] == "approved"
    assert bringer.post(f"{WHERE}/approve", version).status_code == 200
    assert AuditEntry.objects.filter(action="tool.approved").count() == 1


def test_a_version_that_nobody_looked_at_is_not_approved(bringer: APIClient) -> None:
    bring()
    Tool.objects.update(approval="changed", version=2)

    assert bringer.post(f"{WHERE}/approve", {"version": 1}).status_code == 409
    assert Tool.objects.get().approval == "changed"


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("get", "", "tools:read"),
        ("get", "/weather.forecast", "tools:read"),
        ("get", "/weather.forecast/versions", "tools:read"),
        ("get", "/weather.forecast/stats", "tools:read"),
        ("post", "", "tools:write"),
        ("put", "/weather.forecast", "tools:write"),
        ("patch", "/weather.forecast", "tools:write"),
        ("delete", "/weather.forecast", "tools:write"),
        ("post", "/weather.forecast/approve", "tools:write"),
        ("post", "/import", "tools:write"),
    ],
)
def test_each_wish_needs_its_scope(db: None, method: str, path: str, scope: str) -> None:
    bring()
    [other] = {"tools:read", "tools:write"} - {scope}

    answer = getattr(client_of(make_agent(scopes=(other,))), method)(f"{URL}{path}", {})

    assert answer.status_code == 403
    assert scope in answer.json()["detail"]


def test_a_task_may_use_what_was_brought_and_nothing_that_is_off(bringer: APIClient, as_alice: APIClient) -> None:
    step = {"uses": "weather.forecast", "with": {"city": "Chisinau"}}
    task = {"title": "A", "schedule_kind": "manual", "payload": {"pipeline": [step]}}

    assert faults(as_alice.post("/api/v1/tasks", task)) == ["/payload/pipeline/0/uses"]
    bring()
    assert as_alice.post("/api/v1/tasks", task).status_code == 201
    step["with"] = {}
    assert faults(as_alice.post("/api/v1/tasks", task)) == ["/payload/pipeline/0/with/city"]
    bringer.patch(WHERE, {"enabled": False})
    assert faults(as_alice.post("/api/v1/tasks", task)) == ["/payload/pipeline/0/uses"]
