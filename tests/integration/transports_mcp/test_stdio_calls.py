"""Tools of MCP servers that are programs: what they get, what comes back, how many of them run."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipelines.errors import ErrorClass, Interrupted
from pipelines.transports.entry import Entry, Outside
from tests.integration.http_tool.calling import StoppingJournal
from tests.integration.transports_mcp.calling import call, entry_for, error_of
from tests.integration.transports_mcp.processes import alive_in, gone


def entry(tool: str) -> Entry:
    return entry_for("mcp-stdio", {"server": "peer", "tool": tool})


def test_structured_content_is_the_output(stdio: Outside) -> None:
    assert call(entry("forecast"), {"city": "Chisinau"}, stdio) == {"city": "Chisinau", "degrees": 21.5}


def test_text_is_the_output(stdio: Outside) -> None:
    assert call(entry("say"), {"text": "hello"}, stdio) == {"text": "hello"}


def test_a_tool_that_says_it_failed_fails_the_step_for_good(stdio: Outside) -> None:
    error = error_of(entry("fail"), {"text": "no such city"}, stdio)

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "mcp_tool_error")
    assert "no such city" in error.message


def test_every_call_carries_its_key_and_its_request(stdio: Outside) -> None:
    meta = call(entry("told"), {}, stdio)["meta"]

    assert meta["ordinaut/request-id"] == "request-1"
    assert len(meta["ordinaut/idempotency-key"]) == 64


def test_the_server_sees_the_path_and_its_own_variables_and_none_of_ours(
    stdio: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")

    names = call(entry("process"), {}, stdio)["names"]

    assert set(names) - {"LC_CTYPE"} == {"PATH", "SHOWN"}  # the first is set by Python itself


def test_many_calls_at_once_are_served_by_one_process(stdio: Outside) -> None:
    with ThreadPoolExecutor(20) as threads:
        pids = set(threads.map(lambda _: call(entry("process"), {}, stdio)["pid"], range(20)))

    assert len(pids) == 1


def test_the_server_is_in_a_group_of_its_own(stdio: Outside) -> None:
    assert call(entry("process"), {}, stdio)["group"] != os.getpgid(0)


@pytest.mark.parametrize("tool", ["hang", "block"])
def test_a_server_that_was_too_slow_is_killed_and_reaped_with_all_that_it_started(stdio: Outside, tool: str) -> None:
    before = call(entry("process"), {}, stdio)
    child = call(entry("spawn"), {}, stdio)["pid"]
    assert child in alive_in(before["group"])

    error = error_of(entry(tool), {}, stdio, timeout_seconds=1)

    assert (error.error_class, error.code) == (ErrorClass.TIMEOUT, "timeout")
    assert gone(before["group"])
    assert call(entry("process"), {}, stdio)["pid"] != before["pid"]


def test_a_server_that_was_too_slow_for_one_call_still_answers_its_others(stdio: Outside) -> None:
    call(entry("say"), {"text": "warm"}, stdio)
    with ThreadPoolExecutor(2) as threads:
        patient = threads.submit(call, entry("nap"), {"seconds": 3}, stdio)
        impatient = threads.submit(call, entry("hang"), {}, stdio, timeout_seconds=1)

        assert impatient.result().code == "timeout"
        assert patient.result() == {"text": "rested"}


def test_a_run_that_is_told_to_stop_does_not_wait_and_its_server_is_ended(stdio: Outside) -> None:
    before = call(entry("process"), {}, stdio)
    journal = StoppingJournal()
    journal.stop_after(0.3)
    begun = time.monotonic()

    with pytest.raises(Interrupted):
        call(entry("hang"), {}, stdio, journal=journal)

    assert time.monotonic() - begun < 5
    assert gone(before["group"])


def test_a_server_that_dies_in_a_call_fails_it_and_the_next_call_gets_a_new_one(
    stdio: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    before = call(entry("process"), {}, stdio)

    error = error_of(entry("die"), {}, stdio)

    assert (error.error_class, error.code) == (ErrorClass.RETRYABLE, "connection_lost")
    assert "my last words" in caplog.text
    assert "my last words" not in error.message
    assert gone(before["group"])
    assert call(entry("process"), {}, stdio)["pid"] != before["pid"]


def test_an_answer_of_more_than_four_megabytes_ends_the_server(stdio: Outside) -> None:
    before = call(entry("process"), {}, stdio)

    error = error_of(entry("large"), {"size": 9_000_000}, stdio)

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "answer_too_large")
    assert gone(before["group"])
