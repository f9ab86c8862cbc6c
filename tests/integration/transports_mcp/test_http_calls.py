"""Tools of a real MCP server over HTTP: what goes there, what comes back, what is kept from one call to the next."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pipelines.errors import ErrorClass
from pipelines.transports.entry import Entry
from tests.integration.transports_mcp.calling import call, entry_for, error_of
from tests.integration.transports_mcp.conftest import outside_for
from tests.integration.transports_mcp.http_peer import HttpPeer


def entry(peer: HttpPeer, tool: str, *, headers: dict[str, str] | None = None, **fields: Any) -> Entry:
    settings: dict[str, Any] = {"endpoint": peer.url, "tool": tool}
    if headers:
        settings["headers"] = headers
    return entry_for("mcp-http", settings, **fields)


def test_structured_content_is_the_output(peer: HttpPeer) -> None:
    output = call(entry(peer, "forecast"), {"city": "Chisinau"}, outside_for(peer))

    assert output == {"city": "Chisinau", "degrees": 21.5}


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("hello", {"text": "hello"}),
        ('{"a": [1]}', {"a": [1]}),
        ("[1, 2]", [1, 2]),
        ("17", {"text": "17"}),
        ('{"a": NaN}', {"text": '{"a": NaN}'}),
        ("", {"text": ""}),
    ],
)
def test_text_is_the_output_and_read_as_json_where_it_is_an_object_or_a_list(
    peer: HttpPeer, text: str, output: Any
) -> None:
    assert call(entry(peer, "say"), {"text": text}, outside_for(peer)) == output


def test_content_that_is_not_all_text_is_given_block_by_block(peer: HttpPeer) -> None:
    assert call(entry(peer, "picture"), {}, outside_for(peer)) == {
        "content": [
            {"type": "text", "text": "a dot"},
            {"type": "image", "data": "aGk=", "mimeType": "image/png"},
        ]
    }


def test_a_tool_that_says_it_failed_fails_the_step_for_good_with_its_own_words(peer: HttpPeer) -> None:
    error = error_of(entry(peer, "fail"), {"text": "no such city"}, outside_for(peer))

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "mcp_tool_error")
    assert "no such city" in error.message


def test_the_last_part_of_the_address_is_the_tool_where_the_settings_name_none(peer: HttpPeer) -> None:
    nameless = Entry(address="peer.more.say", transport="mcp-http", settings={"endpoint": peer.url})

    assert call(nameless, {"text": "hi"}, outside_for(peer)) == {"text": "hi"}


def test_every_call_carries_its_key_and_its_request_in_headers_and_in_meta(peer: HttpPeer) -> None:
    meta = call(entry(peer, "told"), {}, outside_for(peer))["meta"]

    sent = peer.requests[-1]
    assert sent["idempotency-key"] == meta["ordinaut/idempotency-key"]
    assert len(sent["idempotency-key"]) == 64
    assert (sent["x-request-id"], meta["ordinaut/request-id"]) == ("request-1", "request-1")
    assert (sent["x-ordinaut-attempt"], sent["x-ordinaut-fence"]) == ("2", "3")
    assert sent["traceparent"].startswith("00-")
    assert meta["traceparent"] == sent["traceparent"]
    assert sent["accept-encoding"] == "identity"


def test_the_second_call_to_a_server_without_sessions_is_one_request(peer: HttpPeer) -> None:
    call(entry(peer, "say"), {"text": "1"}, outside_for(peer))
    call(entry(peer, "say"), {"text": "2"}, outside_for(peer))

    assert peer.calls == ["server/discover", "tools/call", "tools/call"]


def test_what_is_known_with_one_secret_is_not_used_for_another(peer: HttpPeer) -> None:
    with_header = {"x-key": "${secrets('key')}"}
    for secret in ("first-secret", "second-secret"):
        outside = outside_for(peer, reveal=lambda _name, _host, secret=secret: secret)
        call(entry(peer, "say", headers=with_header), {"text": "1"}, outside)

    assert peer.calls == ["server/discover", "tools/call"] * 2


def test_a_server_of_the_older_protocol_gets_a_session_a_call_which_is_closed_again(old_peer: HttpPeer) -> None:
    for text in ("1", "2"):
        assert call(entry(old_peer, "say"), {"text": text}, outside_for(old_peer)) == {"text": text}

    closed = [headers["mcp-session-id"] for headers in old_peer.requests if headers["method"] == "DELETE"]
    assert len(set(closed)) == 2
    assert old_peer.calls.count("server/discover") == 1


def test_many_calls_at_once_each_get_their_own_answer(peer: HttpPeer) -> None:
    tool, outside = entry(peer, "say"), outside_for(peer)

    with ThreadPoolExecutor(20) as threads:
        outputs = list(threads.map(lambda number: call(tool, {"text": f"no. {number}"}, outside), range(20)))

    assert outputs == [{"text": f"no. {number}"} for number in range(20)]
