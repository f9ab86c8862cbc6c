"""What a run can say has happened: each of its steps publishes one event, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from tasks_app.exceptions import NotPermitted
from tasks_app.models import Agent, Publication, Run
from tasks_app.services import audit, events
from tasks_app.services.actor import Actor

SCOPE: Final = "events:publish"


@dataclass(frozen=True, kw_only=True)
class Source:
    """The step that publishes. depth: how many events, each published by a run of the one before, led to what it says."""

    run: UUID
    step: str
    agent: UUID
    request_id: str
    depth: int

    @property
    def actor(self) -> Actor:
        return Actor(f"agent:{self.agent}", self.agent, self.request_id)


@transaction.atomic
def publish_once(source: Source, topic: str, payload: Mapping[str, Any]) -> Any:
    """Publish as the run's agent. A step that has published is answered what it was then, and publishes nothing.

    Raises `NotPermitted` when the agent may not publish, `CausationTooDeep` beyond depth eight, `InvalidRequest`.
    """
    publisher = Agent.objects.get(pk=source.agent)
    if not publisher.active or not (publisher.is_admin or SCOPE in publisher.scopes):
        raise NotPermitted(f"The agent {publisher} may not publish: it needs the scope {SCOPE}.")
    # Whoever else tries the same step waits here until this transaction has ended, one way or the other.
    publication, new = Publication.objects.get_or_create(run_id=source.run, step=source.step)
    if not new:
        return publication.answer
    published = events.publish(publisher, topic, payload, actor=source.actor, causation=source.depth)
    publication.answer = {"id": str(published.event.id), "topic": topic, "runs": [str(run) for run in published.runs]}
    publication.save()
    return publication.answer


def note_refusal(source: Source, topic: str, why: Exception) -> None:
    """Write down that tasks have set each other off too often in a row."""
    run = Run.objects.get(pk=source.run)
    audit.note(
        "event.refused", run, actor=source.actor, step=source.step, topic=topic, depth=source.depth, reason=str(why)
    )
