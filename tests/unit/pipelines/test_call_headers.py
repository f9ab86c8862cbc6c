"""What every request says of its call."""

import pytest

from pipelines import ToolCall
from pipelines.egress.headers import call_headers, traceparent
from tests.unit.pipelines.fakes import FakeClock, MemoryJournal

REQUEST = "0192F5C4-8a1b-7c3d-9e4f-aabbccddeeff"


def call(step: str = "s", **run: object) -> ToolCall:
    context = {"run": {"id": "run-1", **run}}
    return ToolCall(step, 1e9, context=context, journal=MemoryJournal(), clock=FakeClock())


def test_a_request_says_whose_it_is() -> None:
    headers = call_headers(call(request_id="request-1", attempt=2, fence=7))

    assert headers["x-request-id"] == "request-1"
    assert headers["idempotency-key"] == call().idempotency_key
    assert (headers["x-ordinaut-attempt"], headers["x-ordinaut-fence"]) == ("2", "7")


def test_what_the_run_does_not_say_is_left_out() -> None:
    assert not {"x-ordinaut-attempt", "x-ordinaut-fence"} & set(call_headers(call()))


def test_a_trace_is_the_requests_own_id_where_that_is_a_uuid() -> None:
    version, trace, span, flags = traceparent(call(request_id=REQUEST)).split("-")

    assert (version, trace, flags) == ("00", "0192f5c48a1b7c3d9e4faabbccddeeff", "01")
    assert len(span) == 16


@pytest.mark.parametrize("request_id", ["request-1", "0" * 32, "x" * 32])
def test_any_other_id_has_a_trace_that_follows_from_it(request_id: str) -> None:
    first, again = (traceparent(call(request_id=request_id)) for _ in range(2))
    trace = first.split("-")[1]

    assert first == again
    assert len(trace) == 32
    assert trace != "0" * 32
    assert trace != traceparent(call(request_id="another")).split("-")[1]


def test_the_steps_and_tries_of_a_run_share_its_trace_and_no_span() -> None:
    parts = [traceparent(call(step, attempt=attempt)).split("-") for step in "ab" for attempt in (1, 2)]

    assert len({trace for _, trace, _, _ in parts}) == 1
    assert len({span for _, _, span, _ in parts}) == 4
