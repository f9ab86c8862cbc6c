"""`manage.py queue`: what is in the queue, how old, of whom, what it waits for and who holds it."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tasks_app.management.terminal import plain
from tasks_app.services import queue_state
from tasks_app.services.queue_state import AGE_WORDS, QueueState


class Command(BaseCommand):
    help = "Print what is in the queue. Numbers that end in + say that there may be more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(self, *_args: Any, as_json: bool, **_options: Any) -> None:
        state = queue_state.look()
        self.stdout.write(json.dumps(_as_json(state), indent=1) if as_json else "\n".join(_lines(state)))


def _as_json(state: QueueState) -> dict[str, Any]:
    return dataclasses.asdict(state) | {"depth": state.depth, "ages": list(AGE_WORDS)}


def _lines(state: QueueState) -> Iterator[str]:
    yield f"queued {state.queued}, running {state.leases.runs}, waiting {sum(state.waiting.values())}, dead {state.dead}"
    yield f"The oldest queued run has been due for {state.oldest_seconds:.1f} s."
    yield from ("", *_queued(state))
    yield ""
    yield "waiting for: " + _counts(state.waiting)
    yield f"leases: {state.leases.runs} held, {state.leases.expired} over, {_first_end(state)}"
    yield "ended badly in 24 hours: " + _counts(state.lately)
    agents = ", ".join(f"{plain(name)} {runs}" for name, runs in state.top_agents)
    yield f"most queued: {agents or '-'}"


def _queued(state: QueueState) -> Iterator[str]:
    widths = [max(len(words), 9) for words in AGE_WORDS]
    cells = "  ".join(f"{words:>{width}}" for words, width in zip(AGE_WORDS, widths, strict=True))
    yield f"priority  {cells}    queued"
    for level in state.levels:
        cells = "  ".join(f"{runs:>{width}}" for runs, width in zip(level.ages, widths, strict=True))
        yield f"{level.priority:>8}  {cells}  {level.runs:>8}{'+' if level.is_least else ''}"


def _first_end(state: QueueState) -> str:
    return "none to end" if state.leases.ends_in is None else f"the first ends in {state.leases.ends_in:.1f} s"


def _counts(numbers: Any) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.items()) or "-"
