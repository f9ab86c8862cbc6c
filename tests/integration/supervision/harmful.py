"""The platform's Celery application with tools that do harm, for real worker processes of tests."""

import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import django

django.setup()

from ordinaut_site.celery import app  # noqa: E402  the settings come first
from pipelines import Tool, ToolCall  # noqa: E402
from tasks_app import catalogue  # noqa: E402

__all__ = ["app"]


def hold_the_interpreter(_given: Any, _call: ToolCall) -> bool:
    """A catastrophic pattern: one call of C code that never lets go."""
    return re.match(r"(a+)+$", "a" * 60 + "b") is None


def kill_the_process(_given: Any, _call: ToolCall) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def compute(given: Any, _call: ToolCall) -> int:
    """Pure Python that waits for nothing, for so many seconds or until the file is there."""
    rounds, span = 0, given.get("seconds", 0.5)
    while not rounds or not _is_over(given):
        until = time.monotonic() + span
        while time.monotonic() < until:  # to ask for a file lets go of the interpreter: not each time
            rounds += 1
    return rounds


def nap(given: Any, _call: ToolCall) -> None:
    """Deaf to its run's end; with `until`, the file beside it says that it has begun."""
    if "seconds" in given:
        time.sleep(given["seconds"])
    else:
        Path(given["until"]).with_suffix(".begun").touch()
    while not _is_over(given):
        time.sleep(0.1)


def _is_over(given: Any) -> bool:
    """Whether the file that says so is there, if one was named."""
    return "until" not in given or Path(given["until"]).exists()


_harmful = [
    Tool(address="harm.regex", call=hold_the_interpreter, safe_to_retry=True),
    Tool(address="harm.kill", call=kill_the_process, safe_to_retry=True),
    Tool(address="harm.compute", call=compute, pure=True),
    Tool(address="harm.nap", call=nap, safe_to_retry=True),
]
_with_harm = catalogue._builtin((*catalogue.conf().http_allow,)).with_tools(*_harmful)
catalogue._builtin = lambda _allow: _with_harm  # type: ignore[assignment]
