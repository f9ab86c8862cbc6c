"""What became of an instant, in words for people."""

from datetime import UTC, datetime, timedelta
from typing import Final

from tasks_app.models import Run, SkippedOccurrence, Task
from tasks_app.states import OverlapPolicy, RunState, SkipReason, TaskStatus, Trigger

_STATES: Final[dict[str, str]] = {
    RunState.QUEUED: "which waits for a worker",
    RunState.RUNNING: "which is running",
    RunState.WAITING: "which waits",
    RunState.SUCCEEDED: "which succeeded",
    RunState.FAILED: "which failed",
    RunState.TIMED_OUT: "which ran out of time",
    RunState.CANCELED: "which was canceled",
    RunState.DEAD: "which was given up after losing its workers",
}
_BECAUSE: Final[dict[str, str]] = {
    SkipReason.COALESCED: "it was missed together with later instants, and the run of a later one stands for it.",
    SkipReason.OVERLAP: "another run of the task stood against it.",
    SkipReason.BLACKOUT: "it lay in quiet hours, and an earlier instant's run waited for their end already.",
    SkipReason.HOLIDAY: "it fell on a day off by the task's calendar.",
    SkipReason.DST_GAP: "its local time did not exist on that day, and the task's policy skips such times.",
    SkipReason.PAUSED: "the task was paused.",
    SkipReason.MISFIRED: "it was missed, and the task's misfire policy makes no run for it any more.",
    SkipReason.DEDUPLICATED: "another run under the same dedupe_key was made within its window.",
    SkipReason.BUDGET: "the owner's runs of that day (UTC) were used up.",
    SkipReason.COOLDOWN: "the cooldown since the run before it was not over.",
    SkipReason.SNOOZED: "it was snoozed.",
}
_WILL_NOT: Final[dict[str, str]] = {
    SkipReason.BLACKOUT: "it lies in quiet hours, and an earlier instant's run waits for their end already.",
    SkipReason.HOLIDAY: "it falls on a day off by the task's calendar.",
    SkipReason.DST_GAP: "its local time does not exist on that day, and the task's policy skips such times.",
    SkipReason.PAUSED: "the task is paused; if it is resumed before, it will.",
    SkipReason.SNOOZED: "it is snoozed.",
    TaskStatus.CANCELED: "the task is canceled.",
    TaskStatus.COMPLETED: "the task is completed: its schedule has ended.",
    "max_occurrences": "the task's max_occurrences are used up before.",
    "passed_over": "the task's planning has gone past it.",
}


def recorded(run: Run | None, skipped: SkippedOccurrence | None) -> str:
    if run is None:
        assert skipped is not None
        return f"It made no run: {_because(skipped)}"
    simulated = "simulated " if run.simulated else ""
    became = f"{simulated}run {run.pk}, {_STATES[run.state]}{_began(run)}."
    if skipped is None:
        return f"It became {became}"
    later = "A backfill made" if run.trigger == Trigger.BACKFILL else "Later it became"
    return f"At its time it made no run: {_because(skipped)} {later} {became}"


def will_fire(task: Task, start: datetime, at: datetime) -> str:
    begins = f", which begins at {_moment(start)}" if start != at else ""
    overlap = " If an earlier run still goes on then, the overlap policy decides."
    return f"It will become a run{begins}.{overlap if task.overlap_policy != OverlapPolicy.ALLOW else ''}"


def will_not_fire(reason: str) -> str:
    return f"It will not become a run: {_WILL_NOT[reason]}"


def not_an_instant(task: Task, at: datetime, *, reason: str | None) -> str:
    if reason == "starts_at":
        return "It lies before the task's starts_at, from which on its instants count."
    if reason == "ends_at":
        return "It lies after the task's ends_at, up to which its instants count."
    return f"The task's schedule has no such instant.{_since(task, at)}"


def unknown(task: Task, *, reason: str, retention: timedelta) -> str:
    """For an instant of the schedule of which nothing is written down."""
    return {
        "before_creation": f"The task did not exist yet: it was created at {_moment(task.created_at)}.",
        "pruned": f"Nothing is kept of it: runs and ledger rows are forgotten after {retention.days} days.",
        "changed": f"Nothing was written down: the task was changed at {_moment(task.updated_at)}, and its schedule may have "
        "been another before.",
        TaskStatus.CANCELED: "Nothing was written down: the task is canceled.",
        TaskStatus.COMPLETED: "Nothing was written down: the task is completed.",
        "no_record": "Nothing was written down of it: neither a run nor a row of the ledger.",
    }[reason]


DUE: Final = "It has come: the next tick decides on it."


def _because(skipped: SkippedOccurrence) -> str:
    detail = f" ({skipped.detail.rstrip('.')})" if skipped.detail and skipped.reason == SkipReason.HOLIDAY else ""
    return _BECAUSE[skipped.reason].removesuffix(".") + f"{detail}."


def _began(run: Run) -> str:
    if run.started_at is None or run.scheduled_for is None:
        return ""
    late = (run.started_at - run.scheduled_for).total_seconds()
    return f"; it began at {_moment(run.started_at)}, {late:.1f} s after its time"


def _since(task: Task, at: datetime) -> str:
    if at < task.created_at:
        return f" The task was created later, at {_moment(task.created_at)}."
    if task.version > 1 and at < task.updated_at:
        return f" The task was changed later, at {_moment(task.updated_at)}: its schedule may have been another before."
    return ""


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
