"""What becomes of a stdio server with bad manners, and of one whose worker is gone."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.calls import ToolCall
from pipelines.egress.addresses import AddressGuard
from pipelines.errors import ErrorClass, OutcomeUnknown, StepFailed
from pipelines.transports import InvalidEntry, mcp_children, mcp_session, mcp_stdio_calls, tool_of
from pipelines.transports.entry import Entry, Outside, StdioServer
from tests.integration.http_tool.calling import RealClock
from tests.integration.transports_mcp.calling import CONTEXT, call, entry_for, error_of
from tests.integration.transports_mcp.conftest import CRUDE, crude
from tests.integration.transports_mcp.processes import alive_in, gone
from tests.unit.pipelines.fakes import MemoryJournal

MANNERS = ("polite", "banner", "mute", "gone", "garbled", "exits", "family")


@pytest.fixture
def outside() -> Iterator[Outside]:
    servers = {manner: crude(manner) for manner in MANNERS}
    servers["missing"] = StdioServer(command=["no-such-program"])
    servers["folder"] = StdioServer(command=["/"])
    yield Outside(guard=AddressGuard(), servers=servers)
    mcp_stdio_calls.end_all()


def entry(server: str, **fields: Any) -> Entry:
    return entry_for("mcp-stdio", {"server": server, "tool": "where"}, **fields)


def test_a_line_that_is_not_mcp_does_no_harm(outside: Outside) -> None:
    assert call(entry("banner"), {}, outside)["pid"] > 0


def test_a_server_that_writes_nothing_but_garbage_fails_the_step_for_good(outside: Outside) -> None:
    error = error_of(entry("garbled"), {}, outside)

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "mcp_protocol")


def test_a_server_that_does_not_answer_when_it_is_started_is_left_at_the_deadline(outside: Outside) -> None:
    before = set(_children_of(os.getpid()))

    error = error_of(entry("mute"), {}, outside, timeout_seconds=1)

    assert (error.error_class, error.code) == (
        ErrorClass.RETRYABLE,
        "timeout",
    )  # nothing has been asked of the tool yet
    _until(lambda: set(_children_of(os.getpid())) <= before)


def test_a_server_that_does_not_answer_when_it_is_started_is_given_up_for_all_who_wait(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_children, "_START_SECONDS", 0.5)

    error = error_of(entry("mute"), {}, outside)

    assert (error.error_class, error.code) == (ErrorClass.RETRYABLE, "connection_lost")
    assert "did not answer when it was started" in error.message


def test_a_program_that_cannot_be_started_may_be_tried_again(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/python")  # which runs the keeper

    error = error_of(entry("polite"), {}, outside)

    assert (error.error_class, error.code) == (ErrorClass.RETRYABLE, "connection_lost")
    assert "cannot be talked to" in error.message


def test_what_is_known_of_a_running_server_becomes_old(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_session.Known, "fresh", False)

    assert call(entry("polite"), {}, outside)["pid"] == call(entry("polite"), {}, outside)["pid"]


def test_a_server_that_ends_at_once_may_be_tried_again(outside: Outside, caplog: pytest.LogCaptureFixture) -> None:
    failure = failure_of(entry("gone"), outside)

    assert not isinstance(failure, OutcomeUnknown)
    assert (failure.error.error_class, failure.error.code) == (ErrorClass.RETRYABLE, "connection_lost")
    assert "no licence" in caplog.text


def test_a_call_in_which_the_server_died_is_tried_again_only_where_that_does_no_harm(outside: Outside) -> None:
    harmful = failure_of(entry("exits"), outside)
    harmless = failure_of(entry("exits", safe_to_retry=True), outside)

    assert isinstance(harmful, OutcomeUnknown)
    assert not isinstance(harmless, OutcomeUnknown)
    assert harmful.error == harmless.error


@pytest.mark.parametrize("server", ["missing", "folder"])
def test_a_program_that_is_not_there_fails_the_step_for_good(outside: Outside, server: str) -> None:
    error = error_of(entry(server), {}, outside)

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "mcp_server_missing")


def test_an_idle_server_is_ended(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_children, "IDLE_SECONDS", 0.2)

    group = call(entry("polite"), {}, outside)["group"]

    assert gone(group)


def test_ending_all_servers_leaves_nothing_behind(outside: Outside) -> None:
    groups = [call(entry(server), {}, outside)["group"] for server in ("polite", "family")]
    assert len(alive_in(groups[1])) >= 3

    mcp_stdio_calls.end_all()

    assert all(gone(group, seconds=2) for group in groups)


def test_ending_no_servers_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_stdio_calls, "in_loop", lambda *_, **__: pytest.fail("there is nothing to end"))

    mcp_stdio_calls.end_all()


WORKER = """
    import json, sys, time
    from pipelines.transports.entry import StdioServer
    from pipelines.transports.mcp_stdio_calls import call_at
    from pipelines.transports.mcp_wanted import Wanted

    server = StdioServer(command=json.loads(sys.argv[1]))
    result = call_at("it", server, Wanted(tool="where", arguments={}), seconds=30, check=lambda: None)
    print(result.content[0].text, flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.mark.parametrize("manner", ["family", "deaf"])
@pytest.mark.parametrize("end", ["killed", "at its end"])
def test_a_server_does_not_outlive_its_worker(end: str, manner: str) -> None:
    command = json.dumps([sys.executable, "-I", "-S", CRUDE, manner])
    seconds = "600" if end == "killed" else "0"
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WORKER), command, seconds], stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        group = json.loads(worker.stdout.readline())["group"]
        if end == "killed":
            assert len(alive_in(group)) >= 2
            worker.send_signal(signal.SIGKILL)

    assert gone(group)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # has threads, and is forked nevertheless
def test_a_process_that_is_forked_starts_a_server_of_its_own(outside: Outside) -> None:
    ours = call(entry("polite"), {}, outside)
    reading, writing = os.pipe()
    if (pid := os.fork()) == 0:
        os.write(writing, json.dumps(call(entry("polite"), {}, outside)).encode())
        os._exit(0)
    theirs = json.loads(os.read(reading, 1000))
    os.waitpid(pid, 0)

    assert theirs["pid"] != ours["pid"]
    assert gone(theirs["group"])
    assert call(entry("polite"), {}, outside)["pid"] == ours["pid"]


@pytest.mark.parametrize(
    ("settings", "pointer"),
    [
        ({"command": ["/bin/sh"]}, "/settings/command"),
        ({"server": "polite", "command": "sh"}, "/settings/command"),
        ({"server": "polite", "env": {}}, "/settings/env"),
        ({"server": "unheard-of"}, "/settings/server"),
        ({"server": ["polite"]}, "/settings/server"),
        ({"server": "polite", "tool": ""}, "/settings/tool"),
        ({"server": "polite", "fingerprint": "x"}, "/settings/fingerprint"),
    ],
)
def test_an_entry_cannot_say_what_is_run(outside: Outside, settings: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidEntry) as caught:
        tool_of(Entry(address="a.b", transport="mcp-stdio", settings=settings), outside)

    assert pointer in [fault.pointer for fault in caught.value.faults]


def failure_of(tool: Entry, outside: Outside) -> StepFailed:
    asked = ToolCall("call", time.monotonic() + 20, context=CONTEXT, journal=MemoryJournal(), clock=RealClock())
    with pytest.raises(StepFailed) as caught:
        tool_of(tool, outside).call({}, asked)
    return caught.value


def _children_of(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def _until(condition: Any) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
