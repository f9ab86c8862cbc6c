"""The transport jsonrpc against live servers, sound and not."""

import json
from typing import Any

import pytest

from pipelines import ErrorClass, Failed, InDoubt
from tests.integration.http_tool.servers import Answer, LoopbackServer, answering
from tests.integration.transports.calling import (
    Called,
    answering_json,
    answering_with,
    body_of,
    called,
    entry,
    headers_of,
    outside,
)

WORTH_RETRYING = {"safe_to_retry": True}


def call(server: LoopbackServer, given: Any = None, *, fields: Any = WORTH_RETRYING, **settings: Any) -> Called:
    made = entry("jsonrpc", {"endpoint": f"{server.url}/rpc", **settings}, **fields)
    return called(made, given, outside=outside(allow=[server.address]))


def responding(**response: Any) -> Answer:
    return answering_with(lambda request: {"jsonrpc": "2.0", "id": body_of(request)["id"], **response})


def failing(code: Any, message: Any = "No.", **more: Any) -> Answer:
    return responding(error={"code": code, "message": message, **more})


@pytest.mark.parametrize("result", [{"a": 1}, [1], 0, False, None, "text"])
def test_the_result_is_the_output(result: Any) -> None:
    with LoopbackServer(responding(result=result)) as server:
        assert call(server).output == result


def test_a_call_is_a_request_of_version_two() -> None:
    with LoopbackServer(responding(result=1)) as server:
        call(server, {"item": "ț"})
        [request] = server.requests
    body = body_of(request)

    assert request.startswith(b"POST /rpc HTTP/1.1\r\n")
    assert headers_of(request)["content-type"] == "application/json"
    assert headers_of(request)["x-request-id"] == "request-1"
    assert (body["jsonrpc"], body["method"], body["params"]) == ("2.0", "order", {"item": "ț"})


def test_every_call_has_an_id_of_its_own() -> None:
    with LoopbackServer(responding(result=1)) as server:
        call(server)
        call(server)
        ids = [body_of(request)["id"] for request in server.requests]

    assert len({*ids}) == 2


def test_the_method_may_be_named() -> None:
    with LoopbackServer(responding(result=1)) as server:
        call(server, method="Shop.Order")
        assert body_of(server.requests[0])["method"] == "Shop.Order"


@pytest.mark.parametrize(("given", "params"), [([1, "a"], [1, "a"]), ({"a": 1}, {"a": 1}), ({}, None), ([], [])])
def test_parameters_are_by_name_or_by_position_or_none(given: Any, params: Any) -> None:
    with LoopbackServer(responding(result=1)) as server:
        call(server, given)
        assert body_of(server.requests[0]).get("params") == params


@pytest.mark.parametrize("given", ["text", 7, True])
def test_an_input_that_cannot_be_parameters_is_refused(given: Any) -> None:
    with LoopbackServer(responding(result=1)) as server:
        assert call(server, given).error.code == "invalid_input"

    assert server.connections == 0


@pytest.mark.parametrize(
    ("code", "error_class"),
    [
        (-32700, ErrorClass.PERMANENT),
        (-32600, ErrorClass.PERMANENT),
        (-32601, ErrorClass.PERMANENT),
        (-32602, ErrorClass.PERMANENT),
        (-32603, ErrorClass.RETRYABLE),
        (-32000, ErrorClass.RETRYABLE),
        (-32099, ErrorClass.RETRYABLE),
        (-32100, ErrorClass.PERMANENT),
        (-31999, ErrorClass.PERMANENT),
        (1, ErrorClass.PERMANENT),
    ],
)
def test_an_error_fails_the_step_with_its_code_and_message(code: int, error_class: ErrorClass) -> None:
    with LoopbackServer(failing(code, "Sold out.", data={"left": 0})) as server:
        error = call(server).error

    assert (error.error_class, error.code) == (error_class, "jsonrpc_error")
    assert error.message == f'127.0.0.1 answered error {code}: Sold out. ({{"left": 0}})'


def test_an_error_of_a_call_that_must_not_be_repeated_is_final() -> None:
    with LoopbackServer(failing(-32000)) as server:
        ran = call(server, fields={})

    assert isinstance(ran.outcome, Failed)
    assert ran.error.error_class is ErrorClass.PERMANENT


def test_a_call_that_was_cut_off_is_in_doubt_if_it_must_not_be_repeated() -> None:
    with LoopbackServer(lambda request, peer: None) as server:
        assert isinstance(call(server, fields={}).outcome, InDoubt)
        assert call(server).error.error_class is ErrorClass.RETRYABLE


def test_an_error_object_says_more_than_its_status() -> None:
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "What?"}}

    with LoopbackServer(answering_json(body, "500 Internal Server Error")) as server:
        error = call(server).error

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "jsonrpc_error")


def test_an_error_that_may_pass_says_when() -> None:
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": -32001, "message": "Busy."}}

    with LoopbackServer(answering_json(body, "429 Too Many Requests", retry_after="9")) as server:
        assert call(server).error.retry_after == 9.0


@pytest.mark.parametrize("body", [b"", b"oops", b'{"error": "x"}', b'{"jsonrpc": "2.0", "id": "other", "error": {}}'])
def test_a_status_without_a_sound_error_object_counts_as_it_does_elsewhere(body: bytes) -> None:
    with LoopbackServer(answering("503 Service Unavailable", body, retry_after="3")) as server:
        error = call(server).error

    assert (error.error_class, error.code, error.retry_after) == (ErrorClass.RETRYABLE, "http_status", 3.0)


@pytest.mark.parametrize(
    ("response", "says"),
    [
        ({"jsonrpc": "2.0", "id": "other", "result": 1}, "another request's id"),
        ({"jsonrpc": "2.0", "result": 1}, "another request's id"),
        ({"jsonrpc": "1.0", "id": "$", "result": 1}, "without the version 2.0"),
        ({"id": "$", "result": 1, "error": None}, "without the version 2.0"),
        ({"jsonrpc": "2.0", "id": "$"}, "neither a result nor an error"),
        (
            {"jsonrpc": "2.0", "id": "$", "result": 1, "error": {"code": 1, "message": "x"}},
            "both a result and an error",
        ),
        ({"jsonrpc": "2.0", "id": "$", "error": {"code": "1", "message": "x"}}, "an error of no known form"),
        ({"jsonrpc": "2.0", "id": "$", "error": "x"}, "an error of no known form"),
        ({"jsonrpc": "2.0", "id": "other", "error": {"code": 1, "message": "x"}}, "another request's id"),
        ([{"jsonrpc": "2.0", "id": "$", "result": 1}], "not a JSON-RPC response object"),
        ("text", "not a JSON-RPC response object"),
    ],
)
def test_an_answer_that_breaks_the_protocol_is_told(response: Any, says: str) -> None:
    def respond(request: bytes) -> Any:
        return json.loads(json.dumps(response).replace('"$"', json.dumps(body_of(request)["id"])))

    with LoopbackServer(answering_with(respond)) as server:
        error = call(server).error

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "jsonrpc_protocol")
    assert says in error.message


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000])
def test_an_answer_that_is_no_json_is_told(body: bytes) -> None:
    with LoopbackServer(answering(body=body)) as server:
        assert call(server).error.code == "jsonrpc_protocol"


def test_a_secret_in_an_error_is_hidden() -> None:
    with LoopbackServer(failing(-32001, "bad s3cret", data=["s3cret"])) as server:
        settings = {"endpoint": server.url, "headers": {"x-key": "${secrets('key')}"}}
        around = outside(allow=[server.address], secrets={"key": "s3cret"})
        error = called(entry("jsonrpc", settings), {}, outside=around).error

    assert error.message == '127.0.0.1 answered error -32001: bad *** (["***"])'


def test_the_destination_is_the_address_and_the_place() -> None:
    with LoopbackServer(responding(result=1)) as server:
        [asked] = call(server).journal.asked

    assert asked[:2] == ("shop.order", f"shop.order {server.address}")
