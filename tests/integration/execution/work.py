"""Tools, pipelines and a look at the outcome, for tests of a worker."""

import threading
from collections.abc import Callable

import pytest

from pipelines import Tool, ToolCall
from tasks_app import catalogue
from tasks_app.execution.worker import Worker
from tasks_app.models import Run

MakeWorker = Callable[..., Worker]


def with_tool(
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    call: Callable[[object, ToolCall], object],
    *,
    pure: bool,
    safe_to_retry: bool = True,
) -> None:
    """Let `address` be a tool that does `call`, beside those that there are."""
    known = catalogue.catalogue().with_tools(Tool(address=address, call=call, pure=pure, safe_to_retry=safe_to_retry))
    monkeypatch.setattr(catalogue, "_builtin", lambda _allow: known)


def pipeline(*steps: dict[str, object]) -> dict[str, object]:
    return {"pipeline": list(steps)}


def state_of(run: Run) -> str:
    return Run.objects.values_list("state", flat=True).get(pk=run.pk)


class Gate:
    """A tool's call that says when it has begun and ends when it is let."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.finish = threading.Event()

    def __call__(self, _given: object, _call: ToolCall) -> None:
        self.begun.set()
        assert self.finish.wait(20), "nobody opened the gate"
