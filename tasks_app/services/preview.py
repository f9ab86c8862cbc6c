"""Which instants a task has next, saved or not, and what was done to each of them."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from django.core.exceptions import ValidationError

import schedules
from schedules.notes import Note, notes_of
from schedules.occurrence import Occurrence
from tasks_app.catalogue import catalogue
from tasks_app.catalogue import known as tools_known
from tasks_app.conf import conf
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Agent, Task
from tasks_app.models.clock import database_now
from tasks_app.planning.ahead import Ahead
from tasks_app.planning.lapse import lapse
from tasks_app.planning.standing import NOTHING, standings
from tasks_app.planning.timing import timing_of
from tasks_app.services import faults, kinds, local_times, task_rules, timing
from tasks_app.states import ScheduleKind, SkipReason, TaskStatus

MOST: Final = 200
USUAL: Final = 10
FIELDS: Final = timing.FIELDS | {"misfire_policy", "catch_up_window_seconds"}
_MOST_WITHHELD: Final = 200
_MOST_LOOKED_AT: Final = 20_000
TIMED: Final = {ScheduleKind.RRULE, ScheduleKind.CRON, ScheduleKind.INTERVAL, ScheduleKind.ONCE}
WITHOUT_TIMES: Final = {
    ScheduleKind.MANUAL: "A manual task has no instants of its own: it runs when asked to.",
    ScheduleKind.EVENT: "An event task has no instants of its own: it runs when its event happens.",
    ScheduleKind.CONDITION: "A condition has no instants of its own: it runs when what it looks at becomes true.",
}
_YEARS: Final = range(1900, 9900)
_PAUSED: Final = "The task is paused: its instants pass into the ledger until it is resumed."


@dataclass(frozen=True)
class Shown:
    """One instant: `at` and `starts_at` in UTC, `local` in the task's zone. reason: why it makes no run, if it does not."""

    at: datetime
    local: datetime
    starts_at: datetime
    fires: bool
    reason: str | None
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Preview:
    """Instants in ascending order.

    ends: nothing comes after them. left_out: withheld instants among them that are not listed. cut: the search was given up
    before enough were found. sentence: what is to be known besides, or nothing.
    """

    timezone: str
    items: tuple[Shown, ...] = ()
    ends: bool = True
    left_out: int = 0
    cut: bool = False
    sentence: str = ""


def occurrences(task: Task, *, count: int = USUAL, after: datetime | None = None) -> Preview:
    """The next `count` instants of a saved task that make a run, after now or a later moment, with those withheld between."""
    if task.schedule_kind not in TIMED or task.status in {TaskStatus.COMPLETED, TaskStatus.CANCELED}:
        return _nothing(task)
    now = database_now()
    try:
        ahead = Ahead.of(task, timing_of(task), standing=standings([task]).get(task.pk, NOTHING), now=now)
        return _next(ahead, count=count, after=max(now, _instant(after or now, task)))
    except (schedules.InvalidSchedule, schedules.InvalidCalendar) as error:  # saved under rules that have changed since
        return Preview(task.timezone, sentence=f"Its schedule cannot be evaluated: {error}")


def preview(
    fields: Mapping[str, Any],
    *,
    seen_by: Agent | None = None,
    task: Task | None = None,
    count: int = USUAL,
    after: datetime | None = None,
) -> Preview:
    """What `occurrences` would answer for a task with these fields, of those in `FIELDS`; nothing is saved.

    seen_by: whose calendars may be named. task: the one that is being changed; without it the fields are a new task's, which with an
    `after` in the past is looked at as if it had been created then. Raises `InvalidRequest` with the faults that creating or changing the task would have.
    """
    now = database_now()
    if task is None and after is not None:
        zone = fields.get("timezone", conf().default_timezone)
        after = checked(local_times.of_field(after, name="after", timezone=zone), "after")
        now = min(now, after)
    drafted = _drafted(fields, seen_by=seen_by, task=task, now=now)
    lapse(drafted, passed=True)
    timing.plan(drafted, now=max(now, drafted.planned_until) if task else now)
    if drafted.schedule_kind not in TIMED:
        return _nothing(drafted)
    start = drafted.planned_until
    standing = standings([drafted]).get(drafted.pk, NOTHING) if task else NOTHING
    ahead = Ahead.of(drafted, timing_of(drafted), standing=standing, now=start)
    if task is None:
        ahead = replace(ahead, timing=replace(ahead.timing, jitter=timedelta()))
    found = _next(ahead, count=count, after=max(start, _instant(after or start, drafted)))
    return _with_jitter_to_come(found, drafted) if task is None else found


def checked(moment: datetime, name: str) -> datetime:
    """`moment`, if schedules can reckon with it. Raises `InvalidRequest` on the parameter `name`."""
    if moment.year not in _YEARS:
        raise InvalidRequest(Fault(f"/{name}", f"Give a moment in the years {_YEARS[0]} to {_YEARS[-1]}."))
    return moment


def _instant(after: datetime, task: Task) -> datetime:
    return checked(local_times.instant(after, "after", timezone=task.timezone), "after")


def _drafted(fields: Mapping[str, Any], *, seen_by: Agent | None, task: Task | None, now: datetime) -> Task:
    """Raises `InvalidRequest` with all its faults."""
    if seen_by is None and isinstance(fields.get("calendar"), str):
        raise InvalidRequest(Fault("/calendar", "Choose an owner first: calendars are seen by their agents."))
    drafted = copy(task) if task else Task(timezone=conf().default_timezone, dtstart="")
    zone = fields.get("timezone", drafted.timezone)
    values, found = task_rules.read(fields, seen_by=seen_by, timezone=zone, keep=False)
    for name, value in values.items():
        setattr(drafted, name, value)
    drafted.dtstart = drafted.dtstart or timing.start_of_day(now, drafted.timezone)
    if task and drafted.status == TaskStatus.COMPLETED:
        drafted.status = TaskStatus.ACTIVE  # as a change of its schedule makes it
    _check(drafted, known=found)
    return drafted


def _check(task: Task, *, known: list[Fault]) -> None:
    found = [*known]
    others = {field.name for field in Task._meta.get_fields()} - FIELDS  # noqa: SLF001 - Django documents it
    try:
        task.clean_fields(exclude=others | {"dtstart", "calendar"})
    except ValidationError as error:
        found += faults.of_model(error)
    found += timing.faults_of(task)
    found += kinds.faults_of(task, tools=catalogue() if task.schedule_kind == ScheduleKind.CONDITION else tools_known())
    if found:
        raise InvalidRequest(*found)


def _nothing(task: Task) -> Preview:
    words = WITHOUT_TIMES.get(ScheduleKind(task.schedule_kind))
    if words is None or task.status == TaskStatus.CANCELED:
        words = f"The task is {task.status}: its schedule gives no further run."
    return Preview(task.timezone, sentence=words)


def _next(ahead: Ahead, *, count: int, after: datetime) -> Preview:
    items: list[Shown] = []
    counted = withheld = looked_at = 0
    stream = islice(ahead.walk(after), _MOST_LOOKED_AT)
    for looked_at, each in enumerate(stream, start=1):  # noqa: B007 - how far it came is asked below
        if each.at <= after:
            continue
        withheld += bool(each.withheld)
        if not each.withheld or withheld <= _MOST_WITHHELD:
            items.append(shown(each, ahead))
        counted += not each.withheld
        if counted == count:
            break
    more = next(stream, None) is not None
    return Preview(
        ahead.task.timezone,
        items=tuple(items),
        ends=not more and looked_at < _MOST_LOOKED_AT,
        left_out=max(withheld - _MOST_WITHHELD, 0),
        cut=counted < count and looked_at == _MOST_LOOKED_AT,
        sentence=_PAUSED if ahead.task.status == TaskStatus.PAUSED else "",
    )


def shown(each: Occurrence, ahead: Ahead) -> Shown:
    """One occurrence, with what is known of it before its time."""
    fires = ahead.fires(each)
    return Shown(
        at=each.at,
        local=each.at.astimezone(ahead.timing.zone),
        starts_at=each.start,
        fires=fires,
        reason=None if fires else each.withheld or SkipReason.PAUSED,
        notes=notes_of(each, timing=ahead.timing),
    )


def _with_jitter_to_come(preview: Preview, task: Task) -> Preview:
    """How much later the runs of a task begin hangs on its id, which it does not have yet."""
    if not task.jitter_seconds:
        return preview
    note = Note("jitter", f"Begins up to {task.jitter_seconds} s later: how much is settled when the task is created.")
    items = (
        replace(each, notes=(*each.notes, note)) if each.fires and each.starts_at == each.at else each
        for each in preview.items
    )
    return replace(preview, items=tuple(items))
