"""Wanted: note for every numbered event which webhooks want it, once and in order."""

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from tasks_app.events import history
from tasks_app.events.choice import patterns_of
from tasks_app.models import ConsumerPosition, Event, Webhook
from tasks_app.models.webhook import GROUP

BATCH = 500


@transaction.atomic
def run_once(*, batch: int = BATCH) -> dict[str, int]:
    """Look at the next events, unless another beat does. The position moves in the transaction of what it is about."""
    position = ConsumerPosition.objects.filter(group=GROUP).select_for_update(skip_locked=True).first()
    if position is None:
        return {"looked_at": 0, "more": 0}
    events = history.events(position.pos, batch)
    if not events:
        return {"looked_at": 0, "more": 0}
    # Of the events of one agent and type the last is enough: whatever lies before it is found on the way there.
    last = {(event.agent, event.type): event for event in events}
    for event in sorted(last.values(), key=lambda each: each.pos):
        _note(event)
    ConsumerPosition.objects.filter(group=GROUP).update(pos=events[-1].pos, moved_at=Now())
    return {"looked_at": len(events), "more": len(events) == batch}


def _note(event: Event) -> None:
    may_see = Q(agent__scopes__contains=["admin"])
    if event.agent is not None:
        may_see |= Q(agent=event.agent)
    wanting = Webhook.objects.deliverable().filter(may_see, event_types__overlap=list(patterns_of(event.type)))
    wanting.filter(wanted_pos__lt=event.pos).update(wanted_pos=event.pos)
