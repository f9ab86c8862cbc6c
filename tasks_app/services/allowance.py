"""Whether a run that is asked for by hand may be made: not the same again too soon, not more than the owner may have."""

from datetime import UTC, datetime, time, timedelta

from tasks_app import admission
from tasks_app.exceptions import IllegalMove
from tasks_app.models import Run, Task
from tasks_app.models.clock import database_now
from tasks_app.planning.advance import dedupe_lock
from tasks_app.planning.budget import Budgets


def refuse_repeated(task: Task) -> None:
    """Raises `IllegalMove` when a run under the task's dedupe key, of any task of its owner, was made within its window.

    Two who ask at once, for two tasks even, are looked at one after the other: the key is locked until the transaction ends.
    """
    if not task.dedupe_key:
        return
    admission.lock(dedupe_lock(task))
    window = timedelta(seconds=task.dedupe_window_seconds)
    under_key = Run.objects.filter(agent=task.created_by_id, dedupe_key=task.dedupe_key).exclude(dedupe_key="")
    earlier = under_key.filter(created_at__gt=database_now() - window).order_by("-created_at").first()
    if earlier:
        raise IllegalMove(
            f"Run {earlier.pk} was made under the dedupe_key {task.dedupe_key!r} at {_shown(earlier.created_at)}:"
            f" wait until {_shown(earlier.created_at + window)}."
        )


def charge(task: Task, *, runs: int) -> None:
    """Take so many runs from the owner's budget of the day. Raises `IllegalMove` when it has not that many left."""
    now = database_now()
    budgets = Budgets([task], now=now)
    afford = budgets.purse(task.created_by_id)
    if not all(afford() for _ in range(runs)):
        raise used_up(task, now=now)
    budgets.keep()


def used_up(task: Task, *, now: datetime) -> IllegalMove:
    """What to raise where the owner's budget of the day does not suffice."""
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return IllegalMove(
        f"The agent's {task.created_by.runs_per_day} runs of this day (UTC) do not suffice:"
        f" ask for fewer, or again from {_shown(tomorrow)} on."
    )


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
