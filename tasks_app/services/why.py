"""What became, or will become, of one instant of a task, and why."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import TextChoices

import schedules
from schedules.before import last_before
from schedules.dst import DstPolicy, resolve
from schedules.notes import Gap, Note, notes_of, snoozed_away, snoozed_here
from schedules.occurrence import Occurrence
from schedules.quiet_hours import NO_QUIET_HOURS
from schedules.timing import Timing
from schedules.zones import zone
from tasks_app.conf import conf
from tasks_app.models import Run, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tasks_app.planning.ahead import Ahead
from tasks_app.planning.standing import NOTHING, standings
from tasks_app.planning.timing import timing_of
from tasks_app.services import sentences
from tasks_app.services.preview import TIMED, WITHOUT_TIMES, checked
from tasks_app.states import ScheduleKind, SkipReason, TaskStatus

_JUST: Final = timedelta(microseconds=1)
_MOST_LOOKED_AT: Final = 20_000
_ALL: Final = DstPolicy(gap="rfc", fold="both")


class Outcome(TextChoices):
    FIRED = "fired"
    SKIPPED = "skipped"
    WILL_FIRE = "will_fire"
    WILL_NOT_FIRE = "will_not_fire"
    DUE = "due"
    NOT_AN_INSTANT = "not_an_instant"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Instant:
    """at: in UTC; local: the same in the task's zone."""

    at: datetime
    local: datetime


@dataclass(frozen=True, kw_only=True)
class Answer(Instant):
    """What became of an instant.

    outcome: a word for programs; sentence: the same for people. reason: why it made or makes no run, or why nothing is known of
    it. run, skipped: what is written down of it. starts_at: when the run to come begins (UTC). before, after: the instants of
    the schedule beside one that is none of them.
    """

    outcome: Outcome
    sentence: str
    reason: str | None = None
    starts_at: datetime | None = None
    run: Run | None = None
    skipped: SkippedOccurrence | None = None
    notes: tuple[Note, ...] = ()
    before: Instant | None = None
    after: Instant | None = None


@dataclass(frozen=True)
class Why:
    """clock: what is peculiar about the local time that was asked for. others: the further instants that it may stand for."""

    timezone: str
    answer: Answer
    clock: str | None = None
    others: tuple[Answer, ...] = ()


def why(task: Task, at: datetime) -> Why:
    """Answer for an instant (aware), or for a local time (naive) of the task's zone, which may be none or two instants.

    Raises `InvalidRequest` for a moment that is too far away.
    """
    checked(at, "at")
    question = _Question(task, database_now())
    if at.tzinfo:
        return Why(task.timezone, question.answer(at.astimezone(UTC)))
    answers = [question.answer(instant) for instant in _instants_of(at, question.home, question.policy)]
    of_schedule = [each for each in answers if each.outcome != Outcome.NOT_AN_INSTANT]
    first = (of_schedule or answers)[0]
    others = tuple(each for each in answers if each is not first)
    return Why(task.timezone, first, _peculiar(at, question.home, first), others)


def _instants_of(local: datetime, home: ZoneInfo, policy: DstPolicy) -> list[datetime]:
    """Those that the task's policy reads it as, then the other one of a fold, or where a skipped one would have been."""
    own = resolve(local, zone=home, policy=policy)
    possible = resolve(local, zone=home, policy=_ALL)
    return [*own, *(each for each in possible if each not in own and (len(possible) > 1 or not own))]


def _peculiar(local: datetime, home: ZoneInfo, answer: Answer) -> str | None:
    asked = f"{local:%H:%M} {{}} on {local:%Y-%m-%d} in {home.key}"
    if gap := Gap.around(local, zone=home):
        became = f" By the task's policy it becomes {answer.local:%H:%M}."
        moved = any(note.code == "gap_moved" for note in answer.notes)
        return f"{asked.format('does not exist')}: {gap}.{became if moved else ''}"
    if len(resolve(local, zone=home, policy=_ALL)) > 1:
        return f"{asked.format('happens twice')}: the clocks are put back. This is the {_ordinal(answer)} of the two."
    return None


def _ordinal(answer: Answer) -> str:
    return "second" if answer.local.fold else "first"


class _Question:
    """One task, asked about at one moment."""

    def __init__(self, task: Task, now: datetime) -> None:
        self._task = task
        self._now = now
        self.home = zone(task.timezone)

    @property
    def policy(self) -> DstPolicy:
        return (self._timing and self._timing.schedule.dst_policy) or DstPolicy()

    @cached_property
    def _timing(self) -> Timing | None:
        """None for a task without times, and for a schedule that makes no sense any more."""
        try:
            return timing_of(self._task) if self._task.schedule_kind in TIMED else None
        except (schedules.InvalidSchedule, schedules.InvalidCalendar):
            return None

    def answer(self, at: datetime) -> Answer:
        """With where it came from in its sentence, if it was moved."""
        answer = self._answer(at)
        moved = [note.text for note in answer.notes if note.code in {"gap_moved", "rolled", "snoozed"}]
        return replace(answer, sentence=" ".join([answer.sentence, *moved]))

    def _answer(self, at: datetime) -> Answer:
        run = Run.objects.filter(task=self._task, scheduled_for=at).first()
        skipped = SkippedOccurrence.objects.filter(task=self._task, scheduled_for=at).first()
        if self._timing is None:
            return self._recorded(at, run, skipped) or self._without_times(at)
        nominal = self._nominal(at, self._timing)
        recorded = self._recorded(at, run, skipped)
        if recorded:
            notes = notes_of(nominal, timing=self._timing) if nominal else ()
            return replace(recorded, notes=(*notes, *self._snoozed(at, skipped, besides=notes)))
        outside = None if nominal and nominal.snoozed_from else self._outside(at)
        if nominal is None or outside:
            return self._not_an_instant(at, self._timing, reason=outside)
        return self._past(nominal, self._timing) if at <= self._now else self._future(nominal, self._timing)

    def _recorded(self, at: datetime, run: Run | None, skipped: SkippedOccurrence | None) -> Answer | None:
        if run is None and skipped is None:
            return None
        return Answer(
            at=at,
            local=at.astimezone(self.home),
            outcome=Outcome.FIRED if run else Outcome.SKIPPED,
            sentence=sentences.recorded(run, skipped),
            reason=skipped.reason if skipped else None,
            run=run,
            skipped=skipped,
        )

    def _snoozed(self, at: datetime, skipped: SkippedOccurrence | None, *, besides: tuple[Note, ...]) -> list[Note]:
        """What the ledger alone still tells of the snoozes that led away from an instant, or to it."""
        if any(note.code == "snoozed" for note in besides):
            return []
        if skipped and skipped.moved_to:
            return [snoozed_away(skipped.moved_to, zone=self.home, reason=skipped.detail)]
        came = SkippedOccurrence.objects.filter(task=self._task, moved_to=at).order_by("scheduled_for").last()
        return [snoozed_here(came.scheduled_for, zone=self.home)] if came else []

    def _without_times(self, at: datetime) -> Answer:
        words = WITHOUT_TIMES.get(ScheduleKind(self._task.schedule_kind))
        return self._plain(at, Outcome.NOT_AN_INSTANT, words or "The task's schedule cannot be evaluated any more.")

    def _past(self, nominal: Occurrence, timing: Timing) -> Answer:
        if self._task.due_at and self._task.due_at <= nominal.at:
            return self._plain(nominal.at, Outcome.DUE, sentences.DUE, notes=notes_of(nominal, timing=timing))
        retention = conf().retention
        reason = self._why_unknown(nominal.at, retention)
        words = sentences.unknown(self._task, reason=reason, retention=retention)
        return self._plain(nominal.at, Outcome.UNKNOWN, words, reason=reason)

    def _why_unknown(self, at: datetime, retention: timedelta) -> str:
        task = self._task
        if at < task.created_at:
            return "before_creation"
        if at < self._now - retention:
            return "pruned"
        if task.version > 1 and at < task.updated_at:
            return "changed"
        return task.status if task.status in {TaskStatus.CANCELED, TaskStatus.COMPLETED} else "no_record"

    def _future(self, nominal: Occurrence, timing: Timing) -> Answer:
        found, reason = self._to_come(nominal, timing)
        notes = notes_of(found, timing=timing)
        if reason:
            return self._plain(
                found.at, Outcome.WILL_NOT_FIRE, sentences.will_not_fire(reason), reason=reason, notes=notes
            )
        words = sentences.will_fire(self._task, found.start, found.at)
        return self._plain(found.at, Outcome.WILL_FIRE, words, starts_at=found.start, notes=notes)

    def _to_come(self, nominal: Occurrence, timing: Timing) -> tuple[Occurrence, str]:
        """The instant as the ticks will find it, and why it will make no run; empty if it will."""
        task = self._task
        if task.status in {TaskStatus.CANCELED, TaskStatus.COMPLETED}:
            return nominal, task.status
        if nominal.withheld:
            return nominal, nominal.withheld
        ahead = Ahead.of(task, timing, standing=standings([task]).get(task.pk, NOTHING), now=self._now)
        looked_at = 0
        for looked_at, each in enumerate(islice(ahead.walk(nominal.at - _JUST), _MOST_LOOKED_AT), start=1):  # noqa: B007 - asked below
            if each.at == nominal.at:
                return each, each.withheld or ("" if ahead.fires(each) else SkipReason.PAUSED)
            if each.at > nominal.at:
                return nominal, "passed_over"
        if looked_at == _MOST_LOOKED_AT:
            return nominal, ""
        return nominal, "passed_over" if ahead.left is None else "max_occurrences"

    def _outside(self, at: datetime) -> str | None:
        if self._task.starts_at and at < self._task.starts_at:
            return "starts_at"
        return "ends_at" if self._task.ends_at and at > self._task.ends_at else None

    def _nominal(self, at: datetime, timing: Timing) -> Occurrence | None:
        """The instant by the schedule and its calendar alone, whatever its bounds."""
        bare = replace(timing, starts_at=None, ends_at=None, jitter=timedelta(), quiet_hours=NO_QUIET_HOURS)
        found = next(bare.after(at - _JUST), None)
        return found if found and found.at == at else None

    def _not_an_instant(self, at: datetime, timing: Timing, *, reason: str | None) -> Answer:
        nominal = replace(timing, jitter=timedelta(), quiet_hours=NO_QUIET_HOURS)
        following = next(nominal.after(at), None)
        before = last_before(at, timing=nominal)
        words = sentences.not_an_instant(self._task, at, reason=reason)
        answer = self._plain(at, Outcome.NOT_AN_INSTANT, words, reason=reason)
        return replace(answer, before=self._instant(before), after=self._instant(following.at if following else None))

    def _instant(self, at: datetime | None) -> Instant | None:
        return Instant(at, at.astimezone(self.home)) if at else None

    def _plain(  # noqa: PLR0913  the parts of an answer, by keyword
        self,
        at: datetime,
        outcome: Outcome,
        sentence: str,
        *,
        reason: str | None = None,
        starts_at: datetime | None = None,
        notes: tuple[Note, ...] = (),
    ) -> Answer:
        return Answer(
            at=at,
            local=at.astimezone(self.home),
            outcome=outcome,
            sentence=sentence,
            reason=reason,
            starts_at=starts_at,
            notes=notes,
        )
