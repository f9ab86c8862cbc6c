"""What is wrong with an entry's settings is said when it is saved: where, and what would cure it."""

from typing import Any

import pytest

from pipelines import Tool
from pipelines.egress.addresses import AddressGuard
from pipelines.transports import InvalidEntry, tool_of
from pipelines.transports.entry import Entry, Outside
from pipelines.transports.secrets import secret_names

URL = "https://api.example.org/v1"


def nothing(_given: Any, _call: Any) -> None:
    return None


def no_lookup(host: str, port: int, timeout: float) -> list[str]:
    pytest.fail("resolved")


OUTSIDE = Outside(guard=AddressGuard(resolve=no_lookup), callables={"shop.count": nothing, "shop.sum": nothing})


def made(transport: str, settings: dict[str, Any], **fields: Any) -> Tool:
    return tool_of(Entry(address="shop.order", transport=transport, settings=settings, **fields), OUTSIDE)


def faults_of(transport: str, settings: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidEntry) as refused:
        made(transport, settings)
    return {fault.pointer: fault.message for fault in refused.value.faults}


@pytest.mark.parametrize(
    ("transport", "settings"),
    [
        ("http", {"endpoint": URL}),
        ("http", {"endpoint": "http://127.0.0.1:8080"}),
        ("http", {"endpoint": f"{URL}/{{id}}-{{part}}/x?v=1", "method": "GET", "query": {"a": "b", "n": 1, "t": True}}),
        ("http", {"endpoint": f"{URL}/bot${{secrets('key')}}?k=${{ secrets('key') }}", "follow_redirects": 3}),
        ("http", {"endpoint": URL, "headers": {"X-Key": "${secrets('key')}", "Accept": "text/plain"}}),
        ("jsonrpc", {"endpoint": URL, "method": "Shop.Order"}),
        ("llm", {"endpoint": URL, "model": "m"}),
        (
            "llm",
            {
                "endpoint": URL,
                "model": "m",
                "api_key": "${secrets('key')}",
                "system": "s",
                "temperature": 0.5,
                "max_tokens": 9,
                "max_tokens_field": "max_completion_tokens",
                "response_format": "json_object",
                "repairs": 2,
                "dollars_per_million_in": 0.15,
                "dollars_per_million_out": 1,
                "headers": {"x-title": "t"},
            },
        ),
        ("python", {"callable": "shop.count"}),
    ],
)
def test_settings_without_a_fault_make_a_tool_and_no_connection(transport: str, settings: dict[str, Any]) -> None:
    assert made(transport, settings).address == "shop.order"


@pytest.mark.parametrize("transport", ["http", "jsonrpc", "llm"])
@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        (None, "is missing"),
        (7, "is missing"),
        ("", "is missing"),
        ("api.example.org", "is not a URL"),
        ("ftp://api.example.org", "is not a URL"),
        ("http://", "does not begin with http:// or https:// and a host"),
        ("https://a:b@api.example.org", "holds a name or password"),
        ("https://api.example.org:port/", "is not a URL"),
        ("https://api.example.org/#x", "no # part"),
        ("https://ățî.example/", "not printable ASCII"),
        ("https://api.example.org/\r\n", "not printable ASCII"),
        ("https://${secrets('host')}/", "has a host that depends on the call"),
        ("https://{host}.example.org/", "has a host that depends on the call"),
        ("https://api.example.org/${params.id}", "has braces that are neither"),
        ("https://api.example.org/${secrets('a b')}", "has braces that are neither"),
        ("https://api.example.org/{}", "has braces that are neither"),
        ("https://api.example.org/{a.b}", "has braces that are neither"),
        ("https://api.example.org/?a={id}", "has a {field} in its query"),
    ],
)
def test_an_endpoint_that_is_none_is_refused(transport: str, endpoint: Any, says: str) -> None:
    faults = faults_of(
        transport, {"endpoint": endpoint, "model": "m"} if transport == "llm" else {"endpoint": endpoint}
    )

    assert says in faults["/settings/endpoint"]


@pytest.mark.parametrize("transport", ["jsonrpc", "llm"])
def test_only_http_fills_its_path(transport: str) -> None:
    assert "takes no {field}" in faults_of(transport, {"endpoint": f"{URL}/{{id}}", "model": "m"})["/settings/endpoint"]


@pytest.mark.parametrize("transport", ["http", "jsonrpc", "llm"])
@pytest.mark.parametrize(
    ("headers", "pointer", "says"),
    [
        ("x: y", "/settings/headers", "is not an object of texts"),
        ({"x": 7}, "/settings/headers", "is not an object of texts"),
        ({"x y": "z"}, "/settings/headers/x y", "is not a header"),
        ({"x/y": "z"}, "/settings/headers/x~1y", "is not a header"),
        ({"x": "a\r\nb: c"}, "/settings/headers/x", "is not a header"),
        ({"Host": "x"}, "/settings/headers/Host", "belongs to the connection"),
        ({"Accept-Encoding": "br"}, "/settings/headers/Accept-Encoding", "belongs to the connection"),
        ({"Proxy-Authorization": "x"}, "/settings/headers/Proxy-Authorization", "belongs to the connection"),
    ],
)
def test_headers_that_are_none_are_refused(transport: str, headers: Any, pointer: str, says: str) -> None:
    assert says in faults_of(transport, {"endpoint": URL, "model": "m", "headers": headers})[pointer]


@pytest.mark.parametrize(
    ("transport", "name", "value", "says"),
    [
        ("http", "metod", "GET", "is not known, did you mean 'method'?; known are endpoint, method"),
        ("http", "method", "get", "is not one of GET, HEAD"),
        ("http", "method", ["GET"], "is not one of GET, HEAD"),
        ("http", "query", [], "is not an object of texts"),
        ("http", "query", {"a": []}, "is not an object of texts"),
        ("http", "follow_redirects", 4, "is not a number from 0 to 3"),
        ("http", "follow_redirects", True, "is not a number from 0 to 3"),
        ("jsonrpc", "params", {}, "is not known"),
        ("jsonrpc", "method", "", "is not the name of a method"),
        ("jsonrpc", "method", 7, "is not the name of a method"),
        ("llm", "model", "", "is missing; name a model"),
        ("llm", "model", 7, "is missing; name a model"),
        ("llm", "endpoint", f"{URL}/chat/completions/", "give the base URL, without /chat/completions"),
        ("llm", "api_key", 7, "write ${secrets('name')}"),
        ("llm", "system", ["x"], "is not a text"),
        ("llm", "temperature", 3, "is not a number from 0 to 2"),
        ("llm", "temperature", True, "is not a number from 0 to 2"),
        ("llm", "max_tokens", 0, "is not a number of tokens"),
        ("llm", "max_tokens_field", "limit", "is not one of max_tokens"),
        ("llm", "response_format", "xml", "is not one of json_schema"),
        ("llm", "repairs", 3, "is not a number from 0 to 2"),
        ("llm", "dollars_per_million_in", -1, "is not a price"),
        ("llm", "dollars_per_million_out", float("nan"), "is not a price"),
        ("llm", "tools", [], "is not known"),
        ("python", "callable", "shop.cuont", "did you mean 'shop.count'?; known are: shop.count, shop.sum"),
        ("python", "callable", None, "known are: shop.count, shop.sum"),
        ("python", "module", "os", "is not known; known are callable"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(transport: str, name: str, value: Any, says: str) -> None:
    right: dict[str, Any] = {"endpoint": URL}
    if transport == "llm":
        right["model"] = "m"
    if transport == "python":
        right = {"callable": "shop.count"}

    assert says in faults_of(transport, right | {name: value})[f"/settings/{name}"]


def test_every_fault_is_told_at_once() -> None:
    assert set(faults_of("http", {"endpoint": "x", "method": "x", "headers": 1, "x": 1})) == {
        "/settings/endpoint",
        "/settings/method",
        "/settings/headers",
        "/settings/x",
    }


@pytest.mark.parametrize("transport", ["http", "jsonrpc", "llm", "python"])
def test_a_schema_that_is_none_is_refused(transport: str) -> None:
    settings = {"callable": "shop.sum"} if transport == "python" else {"endpoint": URL}
    settings |= {"model": "m"} if transport == "llm" else {}

    with pytest.raises(InvalidEntry, match="the schema is not valid"):
        made(transport, settings, output_schema={"type": "nonsense"})


def test_where_nothing_is_registered_that_is_said() -> None:
    entry = Entry(address="shop.order", transport="python", settings={"callable": "x"})

    with pytest.raises(InvalidEntry, match="known are: none"):
        tool_of(entry, Outside(guard=AddressGuard()))


@pytest.mark.parametrize(
    ("transport", "settings", "safe"),
    [
        ("http", {"endpoint": URL}, False),
        ("http", {"endpoint": URL, "method": "PATCH"}, False),
        ("http", {"endpoint": URL, "method": "GET"}, True),
        ("http", {"endpoint": URL, "method": "DELETE"}, True),
        ("jsonrpc", {"endpoint": URL}, False),
        ("llm", {"endpoint": URL, "model": "m"}, True),
        ("python", {"callable": "shop.sum"}, False),
    ],
)
def test_a_call_may_be_repeated_where_its_kind_allows_it_or_the_entry_says_so(
    transport: str, settings: dict[str, Any], safe: bool
) -> None:
    assert made(transport, settings).safe_to_retry is safe
    assert made(transport, settings, safe_to_retry=True).safe_to_retry is True


def test_an_entrys_own_input_schema_comes_before_the_transports() -> None:
    settings = {"endpoint": URL, "model": "m"}

    assert "prompt" in made("llm", settings).input_schema["properties"]
    assert made("llm", settings, input_schema={"type": "object"}).input_schema == {"type": "object"}


def test_a_transport_that_is_none_is_refused_with_those_there_are() -> None:
    assert "known are python, http, jsonrpc" in faults_of("pigeon", {})["/transport"]


def test_the_secrets_that_settings_ask_for_are_found_wherever_they_stand() -> None:
    settings = {"a": "${secrets('one')} and ${ secrets( 'two' ) }", "b": [{"c": "${secrets('three')}"}], "d": 7}

    assert list(secret_names(settings)) == ["one", "two", "three"]
