"""How far behind are the events: those that are not on the stream yet, and the groups that read them?"""

from datetime import timedelta

from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from tasks_app.events import history, stream
from tasks_app.models import ConsumerPosition, OutboxEntry


def unpublished_for() -> timedelta:
    """Since when the oldest event waits to be put on the stream; nothing when none does.

    Raises `StreamUnreachable`: then nobody knows what is on it.
    """
    numbered = OutboxEntry.objects.filter(pos__gt=stream.newest_pos() - F("size") + 1).order_by("pos")
    unnumbered = OutboxEntry.objects.filter(pos=None).order_by("id")
    age = models.ExpressionWrapper(Now() - models.F("at"), output_field=models.DurationField())
    ages = [events.values_list(age, flat=True).first() for events in (numbered, unnumbered)]
    return max((waited for waited in ages if waited is not None), default=timedelta(0))


def of_groups() -> dict[str, int]:
    """How many numbered events each group has still to handle; of groups that Redis alone knows: to be given."""
    newest = history.kept().newest
    lags = {group: max(newest - pos, 0) for group, pos in _positions_in_redis().items()}
    return lags | {each.group: max(newest - each.pos, 0) for each in ConsumerPosition.objects.all()}


def _positions_in_redis() -> dict[str, int]:
    try:
        groups = stream.groups()
    except stream.StreamUnreachable:
        return {}
    return {group["name"]: int(str(group["last-delivered-id"]).partition("-")[0]) for group in groups}
