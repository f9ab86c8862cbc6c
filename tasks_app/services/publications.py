"""What a run can say has happened: each of its steps publishes one event, once."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from tasks_app.models import Agent
from tasks_app.services import deeds, events
from tasks_app.services.deeds import Source
from tasks_app.states import DeedKind

SCOPE: Final = "events:publish"


def publish_once(source: Source, topic: str, payload: Mapping[str, Any]) -> Any:
    """Publish as the run's agent. A step that has published is answered what it was then, and publishes nothing.

    Raises `NotPermitted` when the agent may not publish, `CausationTooDeep` beyond depth eight, `InvalidRequest`.
    """
    return deeds.do_once(source, DeedKind.EVENT, scope=SCOPE, do=partial(_publish, source, topic, payload))


def _publish(source: Source, topic: str, payload: Mapping[str, Any], publisher: Agent) -> Any:
    published = events.publish(publisher, topic, payload, actor=source.actor, causation=source.depth)
    return {"id": str(published.event.id), "topic": topic, "runs": [str(run) for run in published.runs]}
