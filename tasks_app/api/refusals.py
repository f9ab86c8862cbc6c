"""Refusals: which of them does the audit keep?

Every 401 and 403 of an agent that is known, and every 404 for what is there but another's. An agent that is refused in a loop
fills no table: of a minute's refusals, the first `MOST_A_MINUTE` are kept, and one that says that there were more.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import models, transaction
from rest_framework.request import Request

from tasks_app.api.problems import request_id_of
from tasks_app.events import counters
from tasks_app.models import Agent, Task, Webhook
from tasks_app.models.owned import OwnedQuerySet
from tasks_app.services import audit
from tasks_app.services.actor import Actor

if TYPE_CHECKING:  # the framework loads this module while it loads its views
    from rest_framework.views import APIView

MOST_A_MINUTE: Final = 100
_LONGEST_PATH: Final = 300


def note(error: Exception, context: dict[str, Any], *, status: int, code: str) -> None:
    """Write a refusal into the audit, unless nobody known was refused. Raises what the database raises."""
    if status not in {401, 403, 404}:
        return
    request: Request = context["request"]
    agent = _refused(error, request)
    if agent is None:
        return
    subject = _hidden(context["view"], agent) if status == 404 else agent
    if subject is not None:
        _keep(subject, agent, request, status=status, code=code)


def _refused(error: Exception, request: Request) -> Agent | None:
    """Who asked, or whom they proved or claimed to be."""
    claimed: UUID | None = getattr(error, "agent", None)
    if claimed is not None:
        return Agent.objects.filter(pk=claimed).first()
    return request.user if isinstance(request.user, Agent) else None


def _hidden(view: "APIView", agent: Agent) -> models.Model | None:
    """What the address names, if it exists and belongs to somebody else."""
    for rows, pk in _named(view):
        hidden = rows.of_others(agent).filter(pk=pk).first()
        if hidden is not None:
            return hidden
    return None


def _named(view: "APIView") -> Iterator[tuple[OwnedQuerySet[models.Model], UUID]]:
    """The rows among which each id of the address is looked for, from left to right. Names are each owner's own: they tell nothing."""
    for word, rows in (("task", Task.objects.all()), ("webhook", Webhook.objects.all())):
        if word in view.kwargs:
            yield rows, view.kwargs[word]
    queryset = getattr(view, "queryset", None)
    if "pk" in view.kwargs and isinstance(queryset, OwnedQuerySet):
        yield type(queryset)(queryset.model), view.kwargs["pk"]


def _keep(subject: models.Model, agent: Agent, request: Request, *, status: int, code: str) -> None:
    whose = (
        "refusals of" if isinstance(request.user, Agent) else "refused claims to be"
    )  # anybody can make many of these
    tries = counters.count(f"{whose} {agent.pk}", window=60)
    if tries.number > MOST_A_MINUTE + 1:
        return
    asked: dict[str, Any] = {
        "method": request.method,
        "path": request.path[:_LONGEST_PATH],
        "status": status,
        "code": code,
    }
    if tries.number > MOST_A_MINUTE:
        asked["and_more"] = True
    actor = Actor.of_agent(agent, request_id=request_id_of(request))
    with transaction.atomic():
        audit.note("request.refused", subject, actor=actor, **asked)
