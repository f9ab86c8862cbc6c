"""What becomes of a task's instants that have come, by its policies. Plain values in, plain values out: no database.

withheld by its timing?  ─ yes ▶ ledger: holiday, dst_gap, blackout, snoozed
paused?                  ─ yes ▶ ledger: paused
missed, too old?         ─ yes ▶ ledger: misfired, coalesced          misfire policy
an earlier run goes on?  ─ yes ▶ ledger: overlap, or a run in turn    overlap policy
the same not long ago?   ─ yes ▶ ledger: deduplicated
a day's runs used up?    ─ yes ▶ ledger: budget
                           no  ▶ run
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from schedules.occurrence import Occurrence
from schedules.timing import Timing, next_after
from tasks_app.models import Task
from tasks_app.planning.standing import NOTHING, Standing
from tasks_app.states import MisfirePolicy, OverlapPolicy, SkipReason, TaskStatus

INSTANTS_A_ROUND: Final = 1000
ON_TIME: Final = timedelta(seconds=60)  # so late an instant counts as missed


@dataclass(frozen=True, slots=True)
class Fire:
    """An instant that becomes a run. takes_turn: only when the earlier ones have ended. deferred: by quiet hours."""

    at: datetime
    start: datetime
    takes_turn: bool = False
    deferred: bool = False


@dataclass(frozen=True, slots=True)
class Skip:
    """An instant that becomes a row of the ledger. moved_to: where it was put off to, if it was."""

    at: datetime
    reason: SkipReason
    detail: str = ""
    moved_to: datetime | None = None


@dataclass(slots=True)
class Plan:
    """What becomes of the instants of one task that have come.

    next_run_at: the next instant that makes a run; due_at: the next of any kind, None when there is none. ends_runs: the
    runs under way are canceled first.
    """

    fires: list[Fire] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    ends_runs: bool = False
    next_run_at: datetime | None = None
    due_at: datetime | None = None


def decide(
    task: Task,
    timing: Timing,
    *,
    now: datetime,
    standing: Standing = NOTHING,
    afford: Callable[[], bool] = lambda: True,
) -> Plan:
    """Decide on the instants of `task` from its cursor `due_at` up to `now`, at most `INSTANTS_A_ROUND` of them.

    afford: takes one run from the owner's budget of the day; whether it was left.
    """
    if at_once := _on_time(task, timing, now, afford):
        return at_once
    stream = from_cursor(task, timing, standing)
    come, ahead = _come(stream, now)
    plan = decide_on(come, task=task, timing=timing, now=now, standing=standing, afford=afford)
    if task.max_occurrences and task.occurrences + len(plan.fires) >= task.max_occurrences:
        return plan
    if ahead:
        plan.due_at = ahead.at
        deferred = [fire.start for fire in plan.fires if fire.deferred]
        plan.next_run_at = next_fire(ahead, timing, deferred_to=max(deferred, default=standing.deferred_to))
    return plan


def _on_time(task: Task, timing: Timing, now: datetime, afford: Callable[[], bool]) -> Plan | None:
    """The decision in the case that is nearly all of them: one instant has come, and no policy has a say in it.

    None where one may have: this only saves the way through all of them.
    """
    instant = task.due_at
    assert instant is not None
    simple = task.overlap_policy == OverlapPolicy.ALLOW and task.status == TaskStatus.ACTIVE and timing.plain
    if not simple or task.max_occurrences or task.dedupe_key:
        return None
    following = next_after(timing.schedule, instant)
    late = now - instant
    alone = (following is None or following > now) and late <= ON_TIME
    if not alone or late > timedelta(seconds=task.catch_up_window_seconds) or not afford():
        return None
    return Plan(fires=[Fire(instant, instant)], due_at=following, next_run_at=following)


def decide_on(  # noqa: PLR0913  what a decision rests on, by keyword
    come: Sequence[Occurrence],
    *,
    task: Task,
    timing: Timing,
    now: datetime,
    standing: Standing = NOTHING,
    afford: Callable[[], bool] = lambda: True,
) -> Plan:
    """Decide on these instants alone, which have come, ascending."""
    plan = Plan()
    _Decisions(task, timing, now=now, standing=standing, afford=afford, plan=plan).make(come)
    return plan


def next_fire(first: Occurrence, timing: Timing, *, deferred_to: datetime | None) -> datetime | None:
    """The first instant from `first` on that makes a run."""
    if not first.withheld:
        return first.at
    return timing.next_fire(first.at - timedelta(microseconds=1), deferred_to=deferred_to)


def _come(stream: Iterator[Occurrence], now: datetime) -> tuple[list[Occurrence], Occurrence | None]:
    """The instants that have come, and the one after them."""
    come: list[Occurrence] = []
    for each in stream:
        if each.at > now or len(come) == INSTANTS_A_ROUND:
            return come, each
        come.append(each)
    return come, None


def from_cursor(task: Task, timing: Timing, standing: Standing) -> Iterator[Occurrence]:
    """The instants of `task` from its cursor `due_at` on, as each tick reads them."""
    assert task.due_at is not None
    if timing.plain:
        yield Occurrence(task.due_at, task.due_at)
        yield from timing.after(task.due_at)
    else:
        just_before = task.due_at - timedelta(microseconds=1)
        yield from timing.after(just_before, deferred_to=standing.deferred_to)


@dataclass(slots=True)
class _Decisions:
    task: Task
    timing: Timing
    now: datetime
    standing: Standing
    afford: Callable[[], bool]
    plan: Plan
    going_on: int = 0
    in_turn: int = 0
    left: int | None = None

    def make(self, come: Sequence[Occurrence]) -> None:
        task = self.task
        self.going_on, self.in_turn = self.standing.unfinished, self.standing.waiting
        self.left = task.max_occurrences - task.occurrences if task.max_occurrences else None
        oldest_fired = self._oldest_to_fire(come)
        for each in come:
            if self.left is not None and self.left <= 0:
                return  # what follows is no longer of the series
            self._decide(each, oldest_fired)

    def _decide(self, each: Occurrence, oldest_fired: datetime | None) -> None:
        if each.withheld:
            self._skip(each, SkipReason(each.withheld), each.detail)
        elif self.task.status == TaskStatus.PAUSED:
            self._skip(each, SkipReason.PAUSED)
        elif oldest_fired is None or each.at < oldest_fired:
            self._skip(each, self._missed(each))
        elif self._overlaps():
            self._skip(each, SkipReason.OVERLAP, "The run of an earlier instant had not ended.")
        elif self._repeats():
            self._skip(each, SkipReason.DEDUPLICATED, "A run under the same dedupe_key was made within its window.")
        elif not self.afford():
            self._skip(each, SkipReason.BUDGET, "The owner's runs of this day (UTC) are used up.")
        else:
            self._fire(each)

    def _skip(self, each: Occurrence, reason: SkipReason, detail: str = "") -> None:
        self.plan.skips.append(Skip(each.at, reason, detail, each.snoozed_to))

    def _fire(self, each: Occurrence) -> None:
        policy = self.task.overlap_policy
        takes_turn = policy in {OverlapPolicy.QUEUE_ONE, OverlapPolicy.QUEUE_ALL} and self.going_on > 0
        if policy == OverlapPolicy.CANCEL_RUNNING:
            self._replace_running()
        self.plan.fires.append(Fire(each.at, each.start, takes_turn, each.deferred))
        self.going_on += 1
        self.in_turn += takes_turn
        if self.left is not None:
            self.left -= 1

    def _replace_running(self) -> None:
        """The newest alone goes on: of those decided here, too."""
        self.plan.ends_runs = self.standing.unfinished > 0
        for fire in self.plan.fires:
            self.plan.skips.append(Skip(fire.at, SkipReason.OVERLAP, "The run of a later instant took its place."))
            if self.left is not None:
                self.left += 1
        self.plan.fires.clear()

    def _overlaps(self) -> bool:
        match self.task.overlap_policy:
            case OverlapPolicy.SKIP:
                return self.going_on > 0
            case OverlapPolicy.QUEUE_ONE:
                return self.in_turn > 0
            case _:
                return False

    def _repeats(self) -> bool:
        return bool(self.task.dedupe_key) and (self.standing.repeated or bool(self.plan.fires))

    def _missed(self, each: Occurrence) -> SkipReason:
        recent = each.at >= self.now - timedelta(seconds=self.task.catch_up_window_seconds)
        coalesces = self.task.misfire_policy != MisfirePolicy.SKIP
        return SkipReason.COALESCED if recent and coalesces else SkipReason.MISFIRED

    def _oldest_to_fire(self, come: Sequence[Occurrence]) -> datetime | None:
        """From which instant on they become runs; None: none of those that have come."""
        window = timedelta(seconds=self.task.catch_up_window_seconds)
        if self.task.misfire_policy == MisfirePolicy.SKIP:
            return self.now - min(window, ON_TIME)
        most = 1 if self.task.misfire_policy == MisfirePolicy.LATEST else self.task.catch_up_limit
        fireable = [each.at for each in come if not each.withheld]
        if fireable and len(come) == INSTANTS_A_ROUND:  # there may be more
            newest = self._newest(most, not_before=max(fireable[0], self.now - window))
        else:
            newest = fireable[-most:]
        return max(newest[0], self.now - window) if newest else None

    def _newest(self, most: int, *, not_before: datetime) -> list[datetime]:
        """The newest `most` instants up to now that are not withheld, looked for backwards in ever wider windows."""
        width = timedelta(seconds=most)
        while True:
            start = self.now - width
            upto_now = takewhile(lambda each: each.at <= self.now, self.timing.after(start))
            newest = deque((each.at for each in upto_now if not each.withheld), maxlen=most)
            if len(newest) == most or start <= not_before:
                return list(newest)
            width *= 4
