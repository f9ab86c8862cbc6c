"""`manage.py queue`: what is in the queue, how old, of whom, what it waits for and who holds it."""

import dataclasses
import json
from collections.abc import Iterable, Iterator
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
    queued = _number(state.queued, least=_more_queued(state))
    waiting = _number(sum(state.waiting.values()), least=bool(state.more_waiting))
    yield f"queued {queued}, running {_counted(state.leases.runs)}, waiting {waiting}, dead {_counted(state.dead)}"
    yield f"The oldest queued run has been due for {state.oldest_seconds:.1f} s."
    yield from ("", *_queued(state))
    yield ""
    waiting_for = (f"{name} {_number(runs, least=name in state.more_waiting)}" for name, runs in state.waiting.items())
    yield "waiting for: " + _listed(waiting_for)
    yield f"leases: {_counted(state.leases.runs)} held, {_counted(state.leases.expired)} over, {_first_end(state)}"
    yield "ended badly in 24 hours: " + _listed(f"{name} {_counted(runs)}" for name, runs in state.lately.items())
    agents = (f"{plain(name)} {_number(runs, least=_more_queued(state))}" for name, runs in state.top_agents)
    yield "most queued: " + _listed(agents)


def _queued(state: QueueState) -> Iterator[str]:
    widths = [max(len(words), 9) for words in AGE_WORDS]
    cells = "  ".join(f"{words:>{width}}" for words, width in zip(AGE_WORDS, widths, strict=True))
    yield f"priority  {cells}    queued"
    for level in state.levels:
        cells = "  ".join(f"{_counted(runs):>{width}}" for runs, width in zip(level.ages, widths, strict=True))
        yield f"{level.priority:>8}  {cells}  {_counted(level.runs):>8}"


def _first_end(state: QueueState) -> str:
    return "none to end" if state.leases.ends_in is None else f"the first ends in {state.leases.ends_in:.1f} s"


def _more_queued(state: QueueState) -> bool:
    return any(level.is_least for level in state.levels)


def _counted(number: int) -> str:
    return _number(number, least=queue_state.is_least(number))


def _number(number: int, *, least: bool) -> str:
    return f"{number}{'+' if least else ''}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "-"
