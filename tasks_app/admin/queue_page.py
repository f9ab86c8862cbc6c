"""The queue at a glance: how deep and how old it is, who holds it, who works, what died; and the wishes to reap now and to redrive.

Those who may see runs see it, those who may change them act.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString

from tasks_app.admin.appearance import badge, in_utc
from tasks_app.admin.asking import actor_of
from tasks_app.conf import conf
from tasks_app.maintenance import reap
from tasks_app.models import Run
from tasks_app.services import queue_state, redriving, workforce
from tasks_app.services.queue_state import AGE_WORDS, QueueState
from tasks_app.states import RunState

NAME: Final = "queue"
_MOST_DEAD: Final = 50


@dataclass(frozen=True)
class Tile:
    badge: SafeString | None
    number: str
    query: str  # of the runs' list


@dataclass(frozen=True)
class DeadRun:
    id: str
    title: str
    ended_at: str | None
    losses: int
    why: str


def page(request: HttpRequest) -> HttpResponse:
    """`/admin/queue/`: GET shows, POST asks."""
    if not may_see(request):
        raise PermissionDenied
    if request.method == "POST":
        if not _may_ask(request):
            raise PermissionDenied
        _ask(request)
        return HttpResponseRedirect(reverse(NAME))
    return render(request, "tasks_admin/queue.html", admin.site.each_context(request) | _context(request))


def may_see(request: HttpRequest) -> bool:
    return any(request.user.has_perm(f"tasks.{right}_run") for right in ("view", "change"))


def _may_ask(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("tasks.change_run"))


def _ask(request: HttpRequest) -> None:
    if request.POST.get("action") == "reap":
        counts = reap.run_once()
        words = f"{counts['requeued']} runs put back, {counts['dead']} dead, {counts['lost_workers']} workers lost."
        messages.success(request, words)
    elif request.POST.get("action") == "redrive":
        _redrive(request)


def _redrive(request: HttpRequest) -> None:
    ids = [id_ for text in request.POST.getlist("run")[:_MOST_DEAD] if (id_ := _id_of(text))]
    if not ids:
        messages.warning(request, "Choose the runs to redrive.")
        return
    redriven = redriving.redrive(ids, actor=actor_of(request), reason="from the queue's page")
    messages.success(request, f"{len(redriven)} runs redriven.")
    if left := len(ids) - len(redriven):
        messages.warning(
            request, f"{left} were left: they are not dead any more, or their task is canceled or deleted."
        )


def _id_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _context(request: HttpRequest) -> dict[str, Any]:
    state, lease = queue_state.look(), conf().lease.total_seconds()
    return {
        "title": "Queue",
        "may_ask": _may_ask(request),
        "state": state,
        "tiles": _tiles(state),
        "age_words": AGE_WORDS,
        "waiting": sorted(state.waiting.items()),
        "lately": sorted(state.lately.items()),
        "workers": [(each, badge(each.state), each.seen_seconds > lease) for each in workforce.workers()],
        "rounds": sorted(workforce.seconds_since_rounds().items()),
        "dead_runs": _dead(),
    }


def _tiles(state: QueueState) -> list[Tile]:
    numbers = state.depth | {RunState.DEAD.value: state.dead}
    return [Tile(badge(name), str(number), f"state__exact={name}") for name, number in numbers.items()]


def _dead() -> list[DeadRun]:
    """The newest, along the index of runs that ended badly."""
    dead = (
        Run.objects.filter(state=RunState.DEAD, task__deleted_at=None).select_related("task").order_by("-finished_at")
    )
    return [
        DeadRun(str(run.pk), run.task.title, in_utc(run.finished_at), run.losses, (run.error or {}).get("message", ""))
        for run in dead[:_MOST_DEAD]
    ]
