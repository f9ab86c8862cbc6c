"""Providers that are down, slow, full, silent or talk nonsense; each is a failure of its kind, and charged for."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from pipelines import ErrorClass, Interrupted
from tests.integration.http_tool.calling import StoppingJournal
from tests.integration.http_tool.servers import LoopbackServer, answering, dripping
from tests.integration.transports.calling import answering_json, body_of, called, entry, outside
from tests.integration.transports.models import PERSON, PRICES, ask, charges, saying


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def question_of(server: LoopbackServer) -> int:
    """The tokens that the last question is estimated to be."""
    body = server.requests[-1].partition(b"\r\n\r\n")[2]
    return -(-len(body) // 4)


@pytest.mark.parametrize(
    ("status", "error_class"),
    [
        ("400 Bad Request", ErrorClass.PERMANENT),
        ("401 Unauthorized", ErrorClass.PERMANENT),
        ("403 Forbidden", ErrorClass.PERMANENT),
        ("404 Not Found", ErrorClass.PERMANENT),
        ("429 Too Many Requests", ErrorClass.RETRYABLE),
        ("500 Internal Server Error", ErrorClass.RETRYABLE),
        ("529 Overloaded", ErrorClass.RETRYABLE),
    ],
)
def test_a_status_is_a_failure_of_one_class_and_costs_nothing(status: str, error_class: ErrorClass) -> None:
    body = b'{"error": {"message": "No model for you."}}'

    with LoopbackServer(answering(status, body, retry_after="120")) as server:
        ran = ask(server, **PRICES)

    assert (ran.error.error_class, ran.error.code) == (error_class, "http_status")
    assert "No model for you." in ran.error.message
    assert ran.error.retry_after == (120.0 if error_class is ErrorClass.RETRYABLE else None)
    assert ran.journal.waited == []
    assert server.connections == 1
    assert charges(ran) == []


def test_a_failure_that_costs_is_charged() -> None:
    body = {"error": {}, "usage": {"prompt_tokens": 40, "completion_tokens": 0}}

    with LoopbackServer(answering_json(body, "500 Internal Server Error")) as server:
        assert charges(ask(server, **PRICES)) == [(40, 0, 20)]


def test_a_provider_that_is_down_may_be_tried_again_and_costs_nothing() -> None:
    with LoopbackServer(saying("x")) as gone:
        pass
    ran = ask(gone)

    assert (ran.error.error_class, ran.error.code) == (ErrorClass.RETRYABLE, "connect_failed")
    assert charges(ran) == []


@pytest.mark.parametrize("dripped", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n"])
def test_a_provider_that_is_slow_is_left_at_the_deadline_and_charged_for_the_question(
    dripped: bytes, stop: threading.Event
) -> None:
    with LoopbackServer(dripping(dripped, stop=stop)) as server:
        ran = ask(server, timeout_seconds=0.4, **PRICES)
        stop.set()

    assert (ran.error.error_class, ran.error.code) == (ErrorClass.TIMEOUT, "timeout")
    [(tokens_in, tokens_out, microdollars)] = charges(ran)
    assert (tokens_in, tokens_out) == (question_of(server), 0)
    assert microdollars >= tokens_in * 0.5


def test_a_provider_that_breaks_off_may_be_tried_again_and_is_charged_for_the_question() -> None:
    with LoopbackServer(lambda request, peer: None) as server:
        ran = ask(server)

    assert ran.error.error_class is ErrorClass.RETRYABLE
    assert charges(ran) == [(question_of(server), 0, 0)]


def test_a_question_that_the_run_no_longer_waits_for_is_charged(stop: threading.Event) -> None:
    journal = StoppingJournal()

    with LoopbackServer(lambda request, connection: stop.wait(5) and None) as server:
        journal.stop_after(0.2)
        made = entry("llm", {"endpoint": server.url, "model": "small"})
        with pytest.raises(Interrupted):
            called(made, {"prompt": "x"}, outside=outside(allow=[server.address]), journal=journal)
        stop.set()

    [charged] = journal.charged
    assert charged.tokens_in > 0


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'"x"', b"{}", b'{"choices": 7}', b'{"error": {"message": "overloaded"}}', b"[" * 100_000],
)
def test_what_is_no_completion_may_be_tried_again_and_is_charged_by_its_size(body: bytes) -> None:
    with LoopbackServer(answering(body=body, content_type="application/json")) as server:
        ran = ask(server)

    assert (ran.error.error_class, ran.error.code) == (ErrorClass.RETRYABLE, "llm_invalid_answer")
    assert charges(ran) == [(question_of(server), -(-len(body) // 4), 0)]


@pytest.mark.parametrize(
    "body",
    [
        {"choices": []},
        {"choices": [None]},
        {"choices": [{}]},
        {"choices": [{"message": "text"}]},
        {"choices": [{"message": {}}]},
        {"choices": [{"message": {"content": None}}]},
        {"choices": [{"message": {"content": " \n"}}]},
        {"choices": [{"message": {"content": []}}]},
        {"choices": [{"message": {"content": [7, {"text": 7}]}}]},
    ],
)
@pytest.mark.parametrize("fields", [{}, {"output_schema": PERSON}])
def test_an_empty_answer_may_be_tried_again(body: Any, fields: Any) -> None:
    usage = {"usage": {"prompt_tokens": 9, "completion_tokens": 1}}

    with LoopbackServer(answering_json(body | usage)) as server:
        ran = ask(server, fields=fields)

    assert (ran.error.error_class, ran.error.code) == (ErrorClass.RETRYABLE, "llm_empty_answer")
    assert charges(ran) == [(9, 1, 0)]


@pytest.mark.parametrize("fields", [{}, {"output_schema": PERSON}])
@pytest.mark.parametrize(
    ("choice", "code"),
    [
        ({"finish_reason": "length"}, "llm_cut_off"),
        ({"finish_reason": "content_filter"}, "llm_refused"),
        ({"message": {"content": None, "refusal": "I will not."}}, "llm_refused"),
        ({"message": {"content": "x", "tool_calls": [{"function": {"name": "pay"}}]}}, "llm_tool_call"),
        ({"message": {"content": "x", "function_call": {"name": "pay"}}}, "llm_tool_call"),
    ],
)
def test_an_answer_that_is_none_is_final_and_charged(choice: Any, code: str, fields: Any) -> None:
    with LoopbackServer(saying('{"name": "A', **choice)) as server:
        ran = ask(server, fields=fields)

    assert (ran.error.error_class, ran.error.code) == (ErrorClass.PERMANENT, code)
    assert server.connections == 1
    assert charges(ran) == [(100, 10, 0)]


@pytest.mark.parametrize(
    "usage",
    [None, 7, {}, {"prompt_tokens": -1, "completion_tokens": "9"}, {"prompt_tokens": True}, {"prompt_tokens": 10**12}],
)
def test_tokens_that_nobody_tells_are_estimated_and_said_to_be(usage: Any) -> None:
    body = {"choices": [{"message": {"content": "Hello."}}], "usage": usage}

    with LoopbackServer(answering_json(body)) as server:
        ran = ask(server)
        [charged] = charges(ran)

    assert ran.output["usage"]["estimated"] is True
    assert ran.output["model"] == "small"
    assert charged[0] == question_of(server)
    assert charged[1] > 0


def test_a_price_is_rounded_up() -> None:
    with LoopbackServer(saying("x", tokens=(1, 0))) as server:
        assert charges(ask(server, dollars_per_million_in=0.15)) == [(1, 0, 1)]


def test_a_model_is_asked_once_for_each_call() -> None:
    with LoopbackServer(saying("x")) as server:
        ask(server)
        ask(server)

    assert [body_of(request)["model"] for request in server.requests] == ["small"] * 2
