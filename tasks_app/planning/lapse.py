"""What becomes of the snoozes of a task whose schedule is another now."""

from dataclasses import replace

from schedules.snoozes import Snooze
from tasks_app.models import Task
from tasks_app.planning import snoozes
from tasks_app.planning.timing import gives, timing_of


def lapse(task: Task, *, passed: bool) -> list[Snooze]:
    """Forget the snoozes of instants that the schedule does not give any more, and answer them.

    An instant that is to come and is no longer given takes its snooze with it: what the schedule gives in its place is another
    instant. One that has passed under its snooze still comes, unless `passed`. Changes the field `snoozes` of the task only.
    """
    if not task.snoozes:
        return []
    bare = replace(timing_of(task), snoozes=())
    found = snoozes.of(task)
    kept = [each for each in found if (each.at <= task.planned_until and not passed) or gives(bare, each.at)]
    snoozes.keep(task, kept)
    return [each for each in found if each not in kept]
