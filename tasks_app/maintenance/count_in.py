"""Count in: let the unfinished runs of an agent that has got a limit count for it, a few thousand at a time.

Whoever was planning runs just then may not have known of the limit: such transactions end first. From then on every run of
the agent that is not counted is there to be seen, and is found by its task and its id, which never change.
"""

import time
from typing import Final

from tasks_app import admission, admission_sql
from tasks_app.admission import Openings
from tasks_app.events import wakeup
from tasks_app.models import Census, Task
from tasks_app.models.census import FIRST, LAST
from tasks_app.queue_sql import execute

BATCH: Final = 2000  # runs looked at by one statement
ROUND: Final = 1.0  # seconds after which what has been done so far is noted
_PATIENCE: Final = 1.0  # seconds to wait for transactions to end, before the next round tries it
_LOOK_EVERY: Final = 0.02  # seconds


def run_once() -> dict[str, int]:
    """Go on with each census for a while. Answers how many runs were counted in, and `more` where some are left."""
    counted, more = 0, 0
    for census in Census.objects.all():
        counted += _go_on(census)
        more += Census.objects.filter(pk=census.pk, begun=True).exists()
    return {"counted": counted, "more": more}


def _go_on(census: Census) -> int:
    census.begun = census.begun or _writers_have_ended()
    if not census.begun:
        return 0
    counted, until = 0, time.monotonic() + ROUND
    while True:
        counted += _count_some(census)
        if census.run == FIRST and not _next_task(census):
            _end(census)
            return counted
        if time.monotonic() >= until:
            break
    # Under its own number: another census of the agent may have begun anew meanwhile.
    Census.objects.filter(pk=census.pk).update(begun=True, task=census.task, run=census.run)
    return counted


def _count_some(census: Census) -> int:
    asked = {"task": census.task, "before": census.run, "most": BATCH}
    [(looked_at, last, counted)] = execute(admission_sql.COUNT_IN, asked)
    census.run = last if looked_at == BATCH else FIRST  # before it there is no run
    return int(counted)


def _next_task(census: Census) -> bool:
    tasks = Task.objects.filter(created_by=census.agent_id, pk__gt=census.task).order_by("pk")
    following = tasks.values_list("pk", flat=True).first()
    if following:
        census.task, census.run = following, LAST
    return following is not None


def _end(census: Census) -> None:
    """From now on the agent's places are given again."""
    Census.objects.filter(pk=census.pk).delete()
    if admission.admit(Openings(agents={census.agent_id})):
        wakeup.send()


def _writers_have_ended() -> bool:
    """Wait until all transactions that may write runs now have ended; False if that takes long."""
    until = time.monotonic() + _PATIENCE
    at_it = _writers()
    while at_it and time.monotonic() < until:
        time.sleep(_LOOK_EVERY)
        at_it &= _writers()
    return not at_it


def _writers() -> set[str]:
    return {transaction for (transaction,) in execute(admission_sql.WRITERS, {})}
