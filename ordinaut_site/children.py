"""How a child process of ours is started, so that it neither hears our Ctrl-C nor outlives us."""

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def spawn(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    output: int | IO[bytes],
    death_signal: signal.Signals,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own; on Linux it gets `death_signal` when the calling thread ends.

    Call from the main thread of a process without other threads: the kernel watches the thread, and a
    function of ours runs between fork and exec.
    """
    return subprocess.Popen(  # noqa: S603 - our own commands
        command,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=dying_with_us(death_signal),  # noqa: PLW1509 - see the docstring
    )


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose parent dies, so that they can be found and ended. Linux only."""
    if _PRCTL is not None:
        _PRCTL(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_our_parent() -> None:
    """On Linux, in a process that `multiprocessing` has started: be killed when its parent dies. Nothing elsewhere."""
    parent = multiprocessing.parent_process()
    if _PRCTL is not None and parent is not None:
        _PRCTL(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent.pid:  # it died before we asked
            os._exit(1)


def dying_with_us(death_signal: signal.Signals) -> Callable[[], None] | None:
    """What a child has to do between fork and exec to get `death_signal` when we die; nothing but on Linux."""
    if _PRCTL is None:
        return None
    prctl, parent = _PRCTL, os.getpid()

    def ask_for_the_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_for_the_signal
