"""Nothing that is closed to tools gets a packet from an entry, whichever its transport and however it is spelt."""

from collections.abc import Iterator
from typing import Any

import pytest

from pipelines import ErrorClass
from pipelines.transports import InvalidEntry, tool_of
from tests.integration.http_tool.servers import LoopbackServer, answering
from tests.integration.transports.calling import answering_json, called, entry, headers_of, in_turn, outside

TRANSPORTS = {"http": {}, "jsonrpc": {}, "llm": {"model": "m"}}
CLOSED = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.192",
    "192.88.99.1",
    "168.63.129.16",
    "224.0.0.1",
    "255.255.255.255",
    "0.0.0.0",
]


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer(answering()) as made:
        yield made
        assert made.connections == 0


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("host", CLOSED)
def test_a_closed_address_is_blocked(transport: str, host: str, server: LoopbackServer) -> None:
    for port in (server.port, 80):
        made = entry(transport, {"endpoint": f"http://{host}:{port}", **TRANSPORTS[transport]})
        error = called(made, {"prompt": "x"}, outside=outside()).error

        assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "address_blocked")


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("host", ["0177.0.0.1", "\uff11\uff12\uff17.0.0.1", "a@127.0.0.1", "127.0.0.1\r\nx:y"])
def test_a_host_that_is_none_is_refused_when_the_entry_is_saved(transport: str, host: str) -> None:
    with pytest.raises(InvalidEntry, match="/settings/endpoint"):
        tool_of(entry(transport, {"endpoint": f"http://{host}", **TRANSPORTS[transport]}), outside())


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("found", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::ffff:10.0.0.1"]])
def test_a_name_that_leads_to_a_closed_address_is_blocked(
    transport: str, found: list[str], server: LoopbackServer
) -> None:
    made = entry(transport, {"endpoint": "http://rebind.example", **TRANSPORTS[transport]})
    error = called(made, {"prompt": "x"}, outside=outside(resolve=lambda *_: found)).error

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "address_blocked")


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    answers = iter([["127.0.0.2"], ["203.0.113.1"]])

    with LoopbackServer(answering_json("pinned"), host="127.0.0.2") as server:
        around = outside(allow=[f"rebind.example:{server.port}"], resolve=lambda *_: next(answers))
        made = entry("http", {"endpoint": f"http://rebind.example:{server.port}"})
        assert called(made, {}, outside=around).output == "pinned"
        [request] = server.requests

    assert headers_of(request)["host"] == f"rebind.example:{server.port}"
    assert next(answers) == ["203.0.113.1"]  # there was no second lookup


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest", "http://127.1:{port}/", "http://[::1]:{port}/"])
def test_a_redirect_into_a_closed_network_is_blocked(target: str, server: LoopbackServer) -> None:
    with LoopbackServer(answering("302 Found", location=target.format(port=server.port))) as outer:
        made = entry("http", {"endpoint": outer.url, "follow_redirects": 3})
        error = called(made, {}, outside=outside(allow=[outer.address])).error

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "address_blocked")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://x", "http://a@127.0.0.1/", "http://x:port/"])
def test_a_redirect_to_what_is_no_web_address_is_refused(target: str) -> None:
    with LoopbackServer(answering("302 Found", location=target)) as server:
        made = entry("http", {"endpoint": server.url, "follow_redirects": 1})
        error = called(made, {}, outside=outside(allow=[server.address])).error

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "redirect_refused")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_no_redirect_is_followed_unless_the_entry_says_so(transport: str, server: LoopbackServer) -> None:
    with LoopbackServer(answering("307 Temporary Redirect", location=server.url)) as outer:
        made = entry(transport, {"endpoint": outer.url, **TRANSPORTS[transport]})
        error = called(made, {"prompt": "x"}, outside=outside(allow=[outer.address, server.address])).error

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "http_status")


def test_redirects_are_counted() -> None:
    with LoopbackServer(answering("302 Found", location="/again")) as server:
        made = entry("http", {"endpoint": server.url, "follow_redirects": 3})
        error = called(made, {}, outside=outside(allow=[server.address])).error

    assert error.code == "http_status"
    assert server.connections == 4


def test_a_body_is_not_redirected_to_another_origin(server: LoopbackServer) -> None:
    with LoopbackServer(answering("308 Permanent Redirect", location=server.url)) as outer:
        made = entry("http", {"endpoint": outer.url, "follow_redirects": 1})
        error = called(made, {"a": 1}, outside=outside(allow=[outer.address, server.address])).error

    assert error.code == "redirect_refused"


def test_a_redirect_that_is_allowed_is_followed() -> None:
    answers: Any = in_turn(answering("303 See Other", location="/b"), answering_json("there"))

    with LoopbackServer(answers) as server:
        made = entry("http", {"endpoint": server.url, "follow_redirects": 1})
        assert called(made, {"a": 1}, outside=outside(allow=[server.address])).output == "there"
        assert [request.split(b" ")[0] for request in server.requests] == [b"POST", b"GET"]
