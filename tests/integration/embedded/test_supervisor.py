"""The supervisor over real processes."""

import os
import signal
from pathlib import Path

import psutil

from tests.integration.embedded.supervised import gone, supervised, until

STEADY = "import os, time; print('pid', os.getpid()); time.sleep(600)"
STUBBORN = "import signal, os, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + STEADY
SAYS_WHEN_STOPPED = """
import signal, sys, time
def stop(*_):
    time.sleep({delay})
    print('stopped')
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print('started')
time.sleep(600)
"""
WITH_A_CHILD = """
import os, signal, time
if os.fork() == 0:
    {in_child}
    signal.signal(signal.SIGTERM, lambda *_: print('the child was told'))
    os.write(1, b'child %d\\n' % os.getpid())
    while True:
        time.sleep(600)
os.write(1, b'parent %d\\n' % os.getpid())
time.sleep(600)
"""


def test_a_program_that_is_killed_is_started_again(tmp_path: Path) -> None:
    with supervised(tmp_path, [{"name": "web", "code": STEADY}]) as supervisor:
        first = supervisor.value_after("web | pid ")
        os.kill(first, signal.SIGKILL)

        supervisor.wait_for("web | ended (killed by SIGKILL); starts again in 0.5 s")
        until(lambda: supervisor.value_after("web | pid ") != first)

        assert psutil.pid_exists(supervisor.value_after("web | pid "))


def test_a_program_that_keeps_dying_is_started_ever_later(tmp_path: Path) -> None:
    with supervised(
        tmp_path, [{"name": "web", "code": "import sys; print('here', end=''); sys.exit(3)"}]
    ) as supervisor:
        for delay in ("0.5", "1", "2"):
            supervisor.wait_for(f"web | ended (exit code 3); starts again in {delay} s")

        assert supervisor.lines()[0] == "web | here"


def test_the_servers_stop_after_those_who_need_them(tmp_path: Path) -> None:
    programs = [
        {"name": "redis", "code": SAYS_WHEN_STOPPED.format(delay=0), "server": True},
        {"name": "beat", "code": SAYS_WHEN_STOPPED.format(delay=0.5)},
    ]
    with supervised(tmp_path, programs) as supervisor:
        supervisor.wait_for("redis | started")
        supervisor.wait_for("beat  | started")

        took = supervisor.stop(signal.SIGTERM)

        assert supervisor.process.returncode == 0
        assert [line for line in supervisor.lines() if "stopped" in line] == ["beat  | stopped", "redis | stopped"]
        assert took < 15


def test_a_program_that_ignores_sigterm_is_killed_in_time(tmp_path: Path) -> None:
    with supervised(tmp_path, [{"name": "web", "code": STUBBORN}], stop_seconds=1) as supervisor:
        pid = supervisor.value_after("web | pid ")

        took = supervisor.stop()

        assert gone(pid)
        assert 1 <= took < 5
        assert supervisor.lines()[-1] == "web | did not stop in time: killed"


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    with supervised(tmp_path, [{"name": "web", "code": STUBBORN}], stop_seconds=60) as supervisor:
        pid = supervisor.value_after("web | pid ")
        supervisor.process.send_signal(signal.SIGINT)
        until(lambda: supervisor.process.poll() is None)

        def ask_again() -> bool:
            supervisor.process.send_signal(signal.SIGINT)
            return supervisor.process.poll() is not None

        until(ask_again)

        assert gone(pid)


def test_a_program_s_own_children_are_not_told_to_stop_and_end_with_it(tmp_path: Path) -> None:
    with supervised(tmp_path, [{"name": "web", "code": WITH_A_CHILD.format(in_child="pass")}]) as supervisor:
        child = supervisor.value_after("web | child ")

        supervisor.stop()

        assert gone(child)
        assert "web | the child was told" not in supervisor.lines()


def test_a_grandchild_in_a_session_of_its_own_is_ended_too(tmp_path: Path) -> None:
    with supervised(tmp_path, [{"name": "web", "code": WITH_A_CHILD.format(in_child="os.setsid()")}]) as supervisor:
        parent, child = supervisor.value_after("web | parent "), supervisor.value_after("web | child ")

        supervisor.stop()

        assert gone(parent)
        assert gone(child)


def test_nothing_is_left_when_the_supervisor_itself_is_killed(tmp_path: Path) -> None:
    programs = [{"name": "web", "code": STUBBORN}, {"name": "beat", "code": STEADY}]
    with supervised(tmp_path, programs) as supervisor:
        pids = [supervisor.value_after("web  | pid "), supervisor.value_after("beat | pid ")]

        supervisor.process.kill()
        supervisor.process.wait()

        until(lambda: all(gone(pid) for pid in pids), seconds=15)


def test_a_closed_terminal_stops_everything(tmp_path: Path) -> None:
    with supervised(tmp_path, [{"name": "web", "code": STEADY}]) as supervisor:
        pid = supervisor.value_after("web | pid ")

        supervisor.stop(signal.SIGHUP)

        assert gone(pid)


def test_what_a_killed_program_left_behind_does_not_work_beside_its_successor(tmp_path: Path) -> None:
    with supervised(tmp_path, [{"name": "web", "code": WITH_A_CHILD.format(in_child="pass")}]) as supervisor:
        parent, child = supervisor.value_after("web | parent "), supervisor.value_after("web | child ")

        os.kill(parent, signal.SIGKILL)

        supervisor.wait_for("web | ended (killed by SIGKILL); starts again in 0.5 s")
        until(lambda: gone(child))
