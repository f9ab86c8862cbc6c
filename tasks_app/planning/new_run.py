"""How a run of a task is put together, whatever asks for it."""

from collections.abc import Mapping
from typing import Any, Final

from tasks_app.models import Task
from tasks_app.planning.standing import lane_of
from tasks_app.queue import NewRun
from tasks_app.states import TaskMode, Trigger

# A simulated run takes nobody's place: no live one waits for it, or is left out because of it.
_OF_NOBODY: Final[dict[str, Any]] = {"lane": "", "takes_turn": False, "dedupe_key": "", "concurrency_key": ""}


def new_run(task: Task, *, trigger: Trigger, **how: Any) -> NewRun:
    """A run of the task as it is now; `how` are the fields of `NewRun` that do not follow from the task, or must not."""
    of_task: dict[str, Any] = {
        "lane": lane_of(task),
        "dedupe_key": task.dedupe_key,
        "concurrency_key": task.concurrency_key,
        "simulated": task.mode == TaskMode.SIMULATE,
    }
    if task.causation:
        how["input"] = _caused(how.get("input"), task.causation)
    chosen = of_task | how
    if chosen["simulated"]:
        chosen |= _OF_NOBODY
    return NewRun(
        task=task.pk,
        task_version=task.version,
        agent=task.created_by_id,
        priority=task.priority,
        trigger=trigger,
        concurrency_limit=task.concurrency_limit,
        queue_timeout=task.queue_timeout_seconds,
        **chosen,
    )


def _caused(given: Mapping[str, Any] | None, causation: int) -> dict[str, Any]:
    """The run's input, which says that what made its task is a cause of what the run does, too."""
    given = given or {}
    return {**given, "causation": causation + given.get("causation", -1)}
