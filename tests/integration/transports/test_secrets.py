"""A secret goes to its host and nowhere else: not into what is returned, recorded, logged or told of a failure."""

import html
import json
import logging
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from pipelines import ErrorClass
from tests.integration.http_tool.servers import Answer, LoopbackServer, answering
from tests.integration.transports.calling import (
    SECRET,
    Called,
    answering_json,
    called,
    entry,
    headers_of,
    in_turn,
    outside,
    target_of,
)

ASCII_SECRET = "sk-4f/9+Q&a=z7"
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON with its letters": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "percent-encoded": lambda secret: quote(secret, safe=""),
    "percent-encoded in small letters": lambda secret: (
        quote(secret, safe="").replace("%2F", "%2f").replace("%2B", "%2b")
    ),
    "a form": quote_plus,
    "base64": lambda secret: b64encode(secret.encode()).decode(),
    "HTML": html.escape,
    "Python": lambda secret: repr(secret)[1:-1],
}


def call(server: LoopbackServer, *, secret: str = ASCII_SECRET, transport: str = "http", **settings: Any) -> Called:
    bearer = {"endpoint": server.url, "headers": {"Authorization": "Bearer ${secrets('key')}"}}
    made = entry(transport, bearer | settings, safe_to_retry=True)
    return called(made, {"prompt": "x"}, outside=outside(allow=[server.address], secrets={"key": secret}))


def seen(ran: Called) -> str:
    """Everything that is written down about the run."""
    return repr(ran.outcome) + repr(ran.journal.calls)


def test_a_secret_is_sent_in_a_header() -> None:
    with LoopbackServer(answering_json({})) as server:
        ran = call(server)
        [request] = server.requests

    assert headers_of(request)["authorization"] == f"Bearer {ASCII_SECRET}"
    assert ASCII_SECRET not in seen(ran)


def test_a_secret_may_be_a_part_of_the_path_or_the_query() -> None:
    with LoopbackServer(answering_json({})) as server:
        endpoint = f"{server.url}/bot${{secrets('key')}}/send?v=${{secrets('key')}}"
        call(server, endpoint=endpoint, headers={}, query={"k": "${secrets('key')}"}).output  # noqa: B018
        [request] = server.requests

    quoted = quote(ASCII_SECRET, safe="")
    assert target_of(request).startswith(f"/bot{quoted}/send?")
    assert target_of(request).count(quoted) == 3


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("secret", [ASCII_SECRET, SECRET])
def test_a_secret_that_is_echoed_is_hidden(spelling: str, secret: str) -> None:
    echo = SPELLINGS[spelling](secret)
    query = {"k": "${secrets('key')}"}
    answers: list[Answer] = [
        answering(body=f'<b class="x">{echo}</b>'.encode(), content_type="text/html"),
        answering_json({"you sent": f"<{echo}>", echo: [echo, {"deep": echo}]}),
        answering("401 Unauthorized", f"bad key {echo} given".encode()),
        answering("500 Oops", echo.encode()),
    ]

    for answer in answers:
        with LoopbackServer(answer) as server:
            ran = call(server, secret=secret, headers={}, query=query)
        assert echo not in seen(ran)
        assert secret not in seen(ran)
        assert "***" in seen(ran)


@pytest.mark.parametrize("spelling", ["percent-encoded", "percent-encoded in small letters", "a form", "base64"])
@pytest.mark.parametrize("secret", [ASCII_SECRET, SECRET])
def test_a_secret_in_a_redirect_that_is_not_followed_is_hidden(spelling: str, secret: str) -> None:
    location = f"/login?k={SPELLINGS[spelling](secret)}&next=1"

    with LoopbackServer(answering("302 Found", location=location)) as server:
        ran = call(server, secret=secret, headers={}, query={"k": "${secrets('key')}"})

    assert "'/login?k=***&next=1'" in ran.error.message.replace("***=", "***")


@pytest.mark.parametrize("before", range(185, 201, 3))
def test_no_part_of_a_secret_is_left_where_an_echo_is_cut(before: int) -> None:
    moved = answering("302 Found", location="/" + "x" * (before - 1) + ASCII_SECRET)
    refused = answering("400 Bad Request", b"x" * before + ASCII_SECRET.encode())

    for answer in (moved, refused):
        with LoopbackServer(answer) as server:
            assert ASCII_SECRET[:2] not in call(server).error.message


def test_a_secret_echoed_as_a_number_or_in_odd_escapes_is_hidden() -> None:
    escaped = b'{"n": 4711, "text": "\\u0034\\u0037\\u0031\\u0031", "other": 47110, "yes": true}'

    with LoopbackServer(answering(body=escaped, content_type="application/json")) as server:
        assert call(server, secret="4711").output == {"n": "***", "text": "***", "other": 47110, "yes": True}


def test_a_secret_in_an_answer_that_breaks_the_protocol_is_hidden() -> None:
    with LoopbackServer(lambda _request, peer: peer.sendall(f"HTTP/9 {ASCII_SECRET}\r\n\r\n".encode())) as server:
        ran = call(server)

    assert ran.error.code == "http_protocol"
    assert ASCII_SECRET not in seen(ran)


def test_the_longer_one_of_two_secrets_is_hidden_whole() -> None:
    with LoopbackServer(answering_json({"a": "abcdef", "b": "abc"})) as server:
        headers = {"x-one": "${secrets('one')}", "x-two": "${secrets('two')}"}
        made = entry("http", {"endpoint": server.url, "headers": headers})
        around = outside(allow=[server.address], secrets={"one": "abc", "two": "abcdef"})
        assert called(made, {}, outside=around).output == {"a": "***", "b": "***"}


def test_an_empty_secret_hides_nothing() -> None:
    with LoopbackServer(answering_json({"a": "b"})) as server:
        assert call(server, secret="").output == {"a": "b"}


@pytest.mark.parametrize("transport", ["http", "jsonrpc", "llm"])
def test_no_log_holds_a_secret_however_much_is_logged(transport: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    more = {"model": "m"} if transport == "llm" else {}

    with LoopbackServer(answering("403 Forbidden", ASCII_SECRET.encode(), x_echo=ASCII_SECRET)) as server:
        ran = call(server, transport=transport, **more)

    assert ASCII_SECRET not in caplog.text
    assert ASCII_SECRET not in seen(ran)
    assert ran.error.code == "http_status"


def test_a_secret_that_is_not_there_or_not_for_this_host_is_refused_and_nothing_sent() -> None:
    with LoopbackServer(answering_json({})) as server:
        made = entry("http", {"endpoint": server.url, "headers": {"x-key": "${secrets('key')}"}})
        missing = called(made, {}, outside=outside(allow=[server.address])).error
        foreign = outside(allow=[server.address], secrets={"key": "s"}, hosts=["api.example.org"])
        elsewhere = called(made, {}, outside=foreign).error

    assert {missing.code, elsewhere.code} == {"secret_refused"}
    assert {missing.error_class, elsewhere.error_class} == {ErrorClass.PERMANENT}
    assert server.connections == 0


def test_a_secret_that_fits_no_header_is_not_sent_and_not_told() -> None:
    with LoopbackServer(answering_json({})) as server:
        ran = call(server, secret="top\r\nx-evil: 1")

    assert ran.error.code == "secret_refused"
    assert "top" not in seen(ran)
    assert server.connections == 0


@pytest.mark.parametrize("header", ["Authorization", "Accept", "User-Agent"])
def test_a_redirect_takes_no_secret_to_another_origin(header: str) -> None:
    with LoopbackServer(answering_json({"ok": 1})) as other:
        with LoopbackServer(answering("302 Found", location=other.url)) as first:
            settings = {"endpoint": first.url, "headers": {header: "x ${secrets('key')}"}, "follow_redirects": 1}
            around = outside(allow=[first.address, other.address], secrets={"key": ASCII_SECRET})
            output = called(entry("http", settings), {}, outside=around).output
        [request] = other.requests

    assert output == {"ok": 1}
    assert ASCII_SECRET.encode() not in request


@pytest.mark.parametrize("spelling", ["as it is", "percent-encoded", "base64"])
def test_a_redirect_with_a_secret_in_its_url_is_refused(spelling: str) -> None:
    with LoopbackServer(answering_json({})) as other:
        location = f"{other.url}/?k={SPELLINGS[spelling](ASCII_SECRET)}"
        with LoopbackServer(answering("302 Found", location=location)) as first:
            settings = {"endpoint": first.url, "headers": {"x": "${secrets('key')}"}, "follow_redirects": 1}
            around = outside(allow=[first.address, other.address], secrets={"key": ASCII_SECRET})
            ran = called(entry("http", settings), {}, outside=around)

    assert ran.error.code == "redirect_refused"
    assert ASCII_SECRET not in seen(ran)
    assert other.connections == 0


def test_the_same_origin_keeps_the_secret_over_a_redirect() -> None:
    with LoopbackServer(in_turn(answering("307 Temporary Redirect", location="/b"), answering_json(1))) as server:
        assert call(server, follow_redirects=1).output == 1
        _, second = server.requests

    assert headers_of(second)["authorization"] == f"Bearer {ASCII_SECRET}"


def test_what_an_entry_and_its_outside_show_of_themselves_holds_no_settings() -> None:
    made = entry("http", {"endpoint": "https://x", "headers": {"x": "literal-secret"}})

    assert "literal-secret" not in repr(made)
