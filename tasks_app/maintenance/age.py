"""Age: waiting raises the priority of a run, by one for each `ORDINAUT_AGEING_SECONDS`, so that none waits for ever.

Only the first of each level are raised, and a level up they get in line behind each other, `_SHARE` steps apart: beside an
agent that keeps that level busy they get a part of it, however many of them there are, and a run that is urgent of itself
starts at once although a million wait below.
"""

from typing import Final
from uuid import UUID

import orjson

from tasks_app import ageing_sql
from tasks_app.conf import conf
from tasks_app.fair_order import STEP, fair_order
from tasks_app.queue_sql import execute
from tasks_app.states import HIGHEST_PRIORITY

MOST: Final = 20  # of a level
HEADS: Final = 200  # of a level are looked at
MOST_IN_LINE: Final = MOST * (HIGHEST_PRIORITY - 1)
_SHARE: Final = 4  # so many of an agent's go between two that were raised
_RAISED: Final = UUID(int=0)  # they have a turn together, as though they were one agent's


def run_once() -> dict[str, int]:
    """Raise the queued runs, and those in line for a place, that have waited long enough. Answers how many of each."""
    wait = conf().ageing
    waited = execute(ageing_sql.WAITED, {"wait": wait, "heads": HEADS, "most": MOST})
    in_line = execute(ageing_sql.RAISE_IN_LINE, {"wait": wait, "most": MOST_IN_LINE})
    return {"queued": _raise(waited), "in_line": len(in_line)}


def _raise(waited: list[tuple[int, UUID]]) -> int:
    if not waited:
        return 0
    places = fair_order.places([(level + 1, _RAISED, None) for level, _ in waited], step=_SHARE * STEP)
    raised = [{"run": run, "level": level, "fair": place} for (level, run), place in zip(waited, places, strict=True)]
    return len(execute(ageing_sql.RAISE, {"raised": orjson.dumps(raised).decode()}))
