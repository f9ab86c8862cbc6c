"""Keeps a set of programs running, shows their output as one log, and stops them all.

One thread, one `select` over the programs' output and our signals. Each program has a session of its own, so
that Ctrl-C reaches only us; one that dies is started again, ever later when it keeps dying.
"""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn, Self

import psutil

from ordinaut_site import children
from ordinaut_site.output import Output

# Together, with the time that a SIGKILL takes, under the 15 s in which everything has to stop.
STOP_SECONDS = 10.0
STOP_SECONDS_OF_SERVERS = 3.0
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 15.0
_STEADY_SECONDS = 10.0  # whoever lived so long is not in a crash loop
_SAME_WISH_SECONDS = 0.5  # make and the terminal may both pass one Ctrl-C on
_ASK_EVERY_SECONDS = 0.1
_READ_BYTES = 64 * 1024


class StopAsked(Exception):
    """Somebody pressed Ctrl-C, sent SIGTERM or SIGHUP, or closed the log."""


@dataclass(frozen=True, kw_only=True)
class Program:
    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL  # what it gets when we are killed
    server: bool = False  # the others need it: it stops after them
    folder: Path | None = None


@dataclass(eq=False, kw_only=True)
class _Child:
    program: Program
    again: bool
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0  # monotonic, as every time here
    start_at: float | None = None
    deaths: int = 0

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.returncode is None


class Supervisor:
    """Used in a `with` block of the main thread: leaving the block stops every program."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._children: list[_Child] = []
        self._asked_at: float | None = None
        self._hurry = False
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._woken, self._waker = socket.socketpair()
        self._handlers: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        children.adopt_orphans()
        self._woken.setblocking(False)
        self._waker.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._handlers[number] = signal.signal(number, self._note_wish)
        self._handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _only_wake)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._stop()
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
            self._selector.close()
            self._woken.close()
            self._waker.close()

    def keep(self, program: Program) -> None:
        """Start `program`, and start it again whenever it ends."""
        self._add(program, again=True)

    def run(self, program: Program) -> int:
        """Run `program` to its end and answer its exit code; a minus stands for a signal."""
        child = self._add(program, again=False)
        while child.alive:
            self._turn_unless_asked()
        self._children.remove(child)
        assert child.process is not None
        return int(child.process.returncode)

    def wait(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Serve the programs until `condition` holds; answer false when it does not within `seconds`."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            self._serve_until(time.monotonic() + _ASK_EVERY_SECONDS)
        return True

    def _serve_until(self, moment: float) -> None:
        while (left := moment - time.monotonic()) > 0:
            self._turn_unless_asked(left)

    def serve(self) -> NoReturn:
        """Until `StopAsked`."""
        while True:
            self._turn_unless_asked()

    def alive(self, name: str) -> bool:
        return any(child.alive for child in self._children if child.program.name == name)

    def _add(self, program: Program, *, again: bool) -> _Child:
        child = _Child(program=program, again=again)
        self._children.append(child)
        self._start(child)
        return child

    def _start(self, child: _Child) -> None:
        program = child.program
        child.process = children.spawn(
            program.command,
            environment=program.environment,
            output=subprocess.PIPE,
            death_signal=program.death_signal,
            folder=program.folder,
        )
        child.started_at, child.start_at = time.monotonic(), None
        pipe = child.process.stdout
        assert pipe is not None
        os.set_blocking(pipe.fileno(), False)
        self._selector.register(pipe, selectors.EVENT_READ, program.name)

    def _turn_unless_asked(self, longest: float = 1.0) -> None:
        if self._asked_at is not None or self._output.gone:
            raise StopAsked
        self._turn(longest)

    def _turn(self, longest: float) -> None:
        due = [child.start_at for child in self._children if child.start_at is not None]
        until_due = max(min(due) - time.monotonic(), 0) if due else longest
        for key, _ in self._selector.select(min(longest, until_due)):
            if key.fileobj is self._woken:
                self._woken.recv(_READ_BYTES)
            else:
                self._read(key)
        self._reap()
        for child in self._children:
            if child.start_at is not None and child.start_at <= time.monotonic() and not self._stopping:
                self._start(child)

    def _read(self, key: selectors.SelectorKey) -> None:
        piece = os.read(key.fd, _READ_BYTES)
        if piece:
            self._output.feed(key.data, piece)
        else:
            self._close(key)

    def _close(self, key: selectors.SelectorKey) -> None:
        self._selector.unregister(key.fileobj)
        self._output.finish(key.data)
        key.fileobj.close()  # type: ignore[union-attr]

    def _reap(self) -> None:
        """Collect every dead child, grandchildren whom we adopted among them."""
        ours = {child.process.pid: child for child in self._children if child.process and child.alive}
        with contextlib.suppress(ChildProcessError):
            while (dead := os.waitpid(-1, os.WNOHANG))[0]:
                if child := ours.get(dead[0]):
                    self._note_end(child, os.waitstatus_to_exitcode(dead[1]))

    def _note_end(self, child: _Child, code: int) -> None:
        assert child.process is not None
        child.process.returncode = code
        _kill_group(child.process.pid)  # what it left behind must not work beside its successor
        self._drain(child.process)
        if self._stopping or not child.again:
            return
        now = time.monotonic()
        if now - child.started_at >= _STEADY_SECONDS:
            child.deaths = 0
        delay = min(_FIRST_DELAY * 2**child.deaths, _LONGEST_DELAY)
        child.deaths += 1
        child.start_at = now + delay
        self._output.say(child.program.name, f"ended ({_told(code)}); starts again in {delay:g} s")

    def _drain(self, process: subprocess.Popen[bytes]) -> None:
        """Read what it said last, without waiting for those who may still hold its pipe."""
        pipe = process.stdout
        assert pipe is not None
        if pipe.closed:
            return
        key = self._selector.get_key(pipe)
        with contextlib.suppress(BlockingIOError):
            while piece := os.read(pipe.fileno(), _READ_BYTES):
                self._output.feed(key.data, piece)
        self._close(key)

    def _stop(self) -> None:
        self._stopping = True
        programs = [child for child in reversed(self._children) if child.alive]
        self._end([child for child in programs if not child.program.server], seconds=STOP_SECONDS, hurried=True)
        self._end([child for child in programs if child.program.server], seconds=STOP_SECONDS_OF_SERVERS, hurried=False)
        for orphan in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                orphan.kill()
        self._reap()

    def _end(self, ending: Iterable[_Child], *, seconds: float, hurried: bool) -> None:
        """Ask each main process to stop, never its children; kill all of what is left after `seconds`."""
        ending = [child for child in ending if child.alive]
        for child in ending:
            assert child.process is not None
            os.kill(child.process.pid, child.program.stop_signal)
        deadline = time.monotonic() + seconds
        while any(child.alive for child in ending):
            if time.monotonic() > deadline or (hurried and self._hurry):
                break
            self._turn(0.1)
        self._kill([child for child in ending if child.alive])

    def _kill(self, stubborn: list[_Child]) -> None:
        for child in stubborn:
            assert child.process is not None
            self._output.say(child.program.name, "did not stop in time: killed")
            for descendant in psutil.Process(child.process.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    descendant.kill()
            _kill_group(child.process.pid)
        deadline = time.monotonic() + 1
        while any(child.alive for child in stubborn) and time.monotonic() < deadline:
            self._turn(0.1)

    def _note_wish(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._asked_at is None:
            self._asked_at = now
        elif now - self._asked_at > _SAME_WISH_SECONDS:
            self._hurry = True


def _only_wake(_number: int, _frame: FrameType | None) -> None:
    """A handler of ours, since an ignored signal does not interrupt `select`."""


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _told(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
