"""Backfill: give instants that have passed, and made no run, the run that they missed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Final
from uuid import UUID

from django.db import transaction

from schedules.occurrence import Occurrence
from tasks_app import queue
from tasks_app.events import wakeup
from tasks_app.exceptions import Fault, IllegalMove, InvalidRequest
from tasks_app.models import Run, SkippedOccurrence, Task
from tasks_app.models.clock import as_text, database_now
from tasks_app.models.ids import new_id
from tasks_app.planning.cursor import settle
from tasks_app.planning.new_run import new_run
from tasks_app.planning.timing import timing_of
from tasks_app.services import allowance, audit, local_times, timing
from tasks_app.services.actor import Actor
from tasks_app.services.preview import checked
from tasks_app.states import OverlapPolicy, ScheduleKind, TaskStatus, Trigger

MOST: Final = 1000  # instants
POLICY_CHOICES: Final = [(each.value, each.label) for each in (OverlapPolicy.QUEUE_ALL, OverlapPolicy.ALLOW)]
_MOST_LOOKED_AT: Final = 20 * MOST  # with those on holidays, in quiet hours and in gaps of the clock
_JUST: Final = timedelta(microseconds=1)
_UNTIMED: Final = {ScheduleKind.MANUAL, ScheduleKind.EVENT, ScheduleKind.CONDITION}


@dataclass(frozen=True, slots=True)
class Backfill:
    """What came of it: `runs` were made under its id; of its instants, `already` had one."""

    id: UUID
    runs: int
    already: int


@transaction.atomic
def backfill(task: Task, *, actor: Actor, start: datetime, end: datetime, overlap_policy: str) -> Backfill:
    """Make a run for each nominal instant of the schedule as it is now from `start` to `end`, both of them included.

    It is an explicit wish: paused and completed tasks run, too, ledger rows stay beside the runs, and jitter, quiet hours and
    `max_occurrences` do not hold it up; instants that quiet hours or a calendar withheld stay without a run. The runs begin at
    once: one after another, the oldest first (`queue_all`), or all together (`allow`). Asked twice, an instant gets one run.

    Raises `IllegalMove` for a task without instants, a canceled one, and a used-up budget; `InvalidRequest` for a window that
    is not in the past or holds too many instants.
    """
    present = Task.objects.present().select_for_update(of=("self",)).select_related("created_by", "calendar")
    found = present.filter(pk=task.pk).first()
    _require_backfillable(found)
    assert found is not None
    now = database_now()
    start, end = (
        local_times.instant(moment, name, timezone=found.timezone) for name, moment in (("from", start), ("to", end))
    )
    _refuse_window(start, end, now)
    settle(found, now=now)
    if faults := timing.faults_of(found):
        raise InvalidRequest(*faults)
    instants = _instants(found, start=start, end=end)
    made_before = set(
        Run.objects.filter(task=found, scheduled_for__in=instants).values_list("scheduled_for", flat=True)
    )
    made_before |= _made_later(found, instants)
    missing = [at for at in instants if at not in made_before]
    allowance.charge(found, runs=len(missing))
    called = new_id()
    runs = queue.enqueue(
        _new_runs(found, missing, called, now=now, actor=actor, in_turn=overlap_policy != OverlapPolicy.ALLOW)
    )
    answer = Backfill(called, len(runs), len(instants) - len(runs))
    window = {"from": as_text(start), "to": as_text(end)}
    audit.note("task.backfill", found, actor=actor, backfill=str(called), runs=answer.runs, **window)
    if runs:
        wakeup.send_after_commit()
    return answer


def _require_backfillable(task: Task | None) -> None:
    if task is None:
        raise IllegalMove("The task was deleted meanwhile: create a new one.")
    if task.status == TaskStatus.CANCELED:
        raise IllegalMove("The task is canceled: that is final, create a new one.")
    if task.schedule_kind in _UNTIMED:
        raise IllegalMove(f"A task of the kind {task.schedule_kind} has no instants: ask for a run with run_now.")


def _refuse_window(start: datetime, end: datetime, now: datetime) -> None:
    checked(start, "from")
    faults = []
    if start > end:
        faults.append(Fault("/from", "It must not be later than `to`."))
    if end > now:
        faults.append(Fault("/to", "It must not be in the future: the schedule sees to what comes."))
    if faults:
        raise InvalidRequest(*faults)


def _instants(task: Task, *, start: datetime, end: datetime) -> list[datetime]:
    """Those that make a run. Raises `InvalidRequest` for too many."""
    in_window = takewhile(lambda each: each.at <= end, timing_of(task).after(start - _JUST))
    looked_at: list[Occurrence] = list(islice(in_window, _MOST_LOOKED_AT + 1))
    instants = [each.at for each in looked_at if not each.withheld]
    if len(instants) <= MOST and len(looked_at) <= _MOST_LOOKED_AT:
        return instants
    last = instants[MOST - 1] if len(instants) > MOST else looked_at[-2].at
    raise InvalidRequest(
        Fault("/to", f"There are more than {MOST} instants: ask until {as_text(last)}, and from there on again.")
    )


def _made_later(task: Task, instants: list[datetime]) -> set[datetime]:
    """Those that were snoozed and had their run at the instant that they were put off to."""
    rows = SkippedOccurrence.objects.filter(task=task, scheduled_for__in=instants, moved_to__isnull=False)
    moved = dict(rows.values_list("scheduled_for", "moved_to"))
    ran = set(Run.objects.filter(task=task, scheduled_for__in=moved.values()).values_list("scheduled_for", flat=True))
    return {at for at, to in moved.items() if to in ran}


def _new_runs(  # noqa: PLR0913  what a run is made from, by keyword
    task: Task, instants: list[datetime], called: UUID, *, now: datetime, actor: Actor, in_turn: bool
) -> list[queue.NewRun]:
    return [
        new_run(
            task,
            trigger=Trigger.BACKFILL,
            scheduled_for=at,
            start=now,
            lane=f"backfill:{called}" if in_turn else "",
            takes_turn=in_turn,
            dedupe_key="",
            backfill=called,
            request_id=actor.request_id,
        )
        for at in instants
    ]
