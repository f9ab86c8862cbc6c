"""The admin's first page: how the work goes at a glance, from a handful of cheap queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest
from django.utils.safestring import SafeString

from tasks_app.admin.appearance import SIMULATED, badge, in_utc
from tasks_app.admin.task_page import Line
from tasks_app.models import Run, Task
from tasks_app.models.clock import database_now
from tasks_app.models.ids import oldest_id
from tasks_app.states import RunState, TaskStatus

_WINDOW: Final = timedelta(hours=24)
_MOST_RUNS: Final = 100_000  # a busy platform has millions a day, and this page must answer at once
_LINES: Final = 8
_BAD: Final = (RunState.FAILED, RunState.TIMED_OUT, RunState.DEAD)
_UNFINISHED: Final = (RunState.QUEUED, RunState.RUNNING, RunState.WAITING)


@dataclass(frozen=True)
class Tile:
    """A number and the page behind it."""

    badge: SafeString | None
    number: int
    query: str  # of the runs' list


@dataclass(frozen=True)
class Due:
    id: str
    title: str
    at: str | None


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What unfold's `DASHBOARD_CALLBACK` asks for; operators see what their permissions let them see."""
    if _may_see(request, "run"):
        oldest = _oldest_looked_at()
        context["recent_runs"] = _recent(oldest)
        context["queue_depth"] = _depth()
        context["last_failures"] = _failures(oldest)
    if _may_see(request, "task"):
        context["next_due"] = _next_due()
    return context


def _oldest_looked_at() -> UUID:
    """The key from which on runs are counted: those of the window, of very many only the newest."""
    beyond = Run.objects.order_by("-id").values_list("id", flat=True)[_MOST_RUNS : _MOST_RUNS + 1]
    return max([oldest_id(database_now() - _WINDOW), *beyond])


def _recent(oldest: UUID) -> list[Tile]:
    """By state, and apart from them those that only pretended."""
    grouped = Run.objects.filter(pk__gte=oldest).values_list("state", "simulated").annotate(runs=Count("pk"))
    counted = {(state, pretended): runs for state, pretended, runs in grouped.order_by("state", "simulated")}
    tiles = _tiles(((state, counted.get((state, False), 0)) for state in RunState), "&created=day&simulated__exact=0")
    simulated = sum(runs for (_, pretended), runs in counted.items() if pretended)
    return [*tiles, Tile(badge(SIMULATED), simulated, "simulated__exact=1&created=day")] if simulated else tiles


def _depth() -> list[Tile]:
    """Each state is counted over its own partial index."""
    return _tiles((state, Run.objects.filter(state=state).count()) for state in _UNFINISHED)


def _tiles(numbers: Iterable[tuple[RunState, int]], more: str = "") -> list[Tile]:
    return [Tile(badge(state), number, f"state__exact={state}{more}") for state, number in numbers]


def _failures(oldest: UUID) -> list[Line]:
    failed = Run.objects.filter(pk__gte=oldest, state__in=_BAD, task__deleted_at=None)
    return [Line.of(run, title=run.task.title) for run in failed.select_related("task").order_by("-id")[:_LINES]]


def _next_due() -> list[Due]:
    due = Task.objects.filter(next_run_at__isnull=False, status=TaskStatus.ACTIVE).order_by("next_run_at", "id")
    return [Due(str(task.pk), task.title, in_utc(task.next_run_at)) for task in due[:_LINES]]


def _may_see(request: HttpRequest, model: str) -> bool:
    return any(request.user.has_perm(f"tasks.{right}_{model}") for right in ("view", "change"))
