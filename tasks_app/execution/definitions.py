"""What each version of a task does, compiled once a process."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

import pipelines
from schedules.zones import zone
from tasks_app.execution.retry import RetryPolicy
from tasks_app.models import TaskDefinition
from tasks_app.states import BackoffStrategy

KEPT: Final = 2000


@dataclass(frozen=True, slots=True)
class Definition:
    """A task's version, ready to be executed; `pipeline` is the fault instead when it no longer makes one."""

    title: str
    task: Mapping[str, Any]  # as its pipeline sees it
    zone: ZoneInfo
    pipeline: pipelines.Pipeline | pipelines.InvalidPipeline
    retry: RetryPolicy
    timeout: float  # seconds
    budgeted: bool = False  # what its calls use up is limited


class Definitions:
    """A cache in the order of last use. Only the dispatcher's thread touches it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[UUID, int], Definition] = OrderedDict()

    def of(self, keys: Iterable[tuple[UUID, int]]) -> dict[tuple[UUID, int], Definition]:
        """The definitions of (task, version) pairs; one query for all that are not known yet."""
        wanted = set(keys)
        unknown = wanted - self._kept.keys()
        if unknown:
            self._load(unknown)
        for key in unknown - self._kept.keys():
            self._kept[key] = _unusable("A task", "its definition is gone")
        for key in wanted:
            self._kept.move_to_end(key)
        found = {key: self._kept[key] for key in wanted}
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def _load(self, unknown: Collection[tuple[UUID, int]]) -> None:
        try:
            rows = _read(unknown)
        except (RecursionError, ValueError) as error:  # Postgres stores JSON that Python refuses to read
            if len(unknown) == 1:
                [key] = unknown
                self._kept[key] = _unusable("A task", f"it is stored as JSON that cannot be read: {error}")
                return
            for key in unknown:
                self._load([key])
            return
        for row in rows:
            self._kept[row.task_id, row.version] = _compile(row)


def _read(keys: Iterable[tuple[UUID, int]]) -> list[TaskDefinition]:
    any_of = Q()
    for task, version in keys:
        any_of |= Q(task_id=task, version=version)
    return list(TaskDefinition.objects.filter(any_of))


def _compile(row: TaskDefinition) -> Definition:
    """A version that makes no sense any more (its zone is gone, say) fails its own runs; the others go on."""
    try:
        return Definition(
            title=row.title,
            task={"id": str(row.task_id), "title": row.title, "version": row.version},
            zone=zone(row.timezone),
            pipeline=_parsed(row.payload),
            retry=RetryPolicy(row.max_retries, BackoffStrategy(row.backoff_strategy), row.retry_delay_seconds),
            timeout=row.timeout_seconds,
            budgeted=row.budgeted,
        )
    except (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        return _unusable(row.title, str(error))


def _parsed(payload: Mapping[str, Any]) -> pipelines.Pipeline | pipelines.InvalidPipeline:
    try:
        return pipelines.parse(payload)  # which tools there are is asked at each call: they come and go
    except pipelines.InvalidPipeline as error:
        return error


def _unusable(title: str, why: str) -> Definition:
    fault = pipelines.InvalidPipeline((pipelines.Fault("", f"the task's version cannot be used: {why}"),))
    never = RetryPolicy(0, BackoffStrategy.FIXED, 1)
    return Definition(title=title, task={}, zone=zone("UTC"), pipeline=fault, retry=never, timeout=1)
