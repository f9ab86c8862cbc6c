"""How far behind are the events: those that are not on the stream yet, and the groups that read them?"""

from datetime import timedelta

from tasks_app.events import history, stream
from tasks_app.models import ConsumerPosition, OutboxEntry
from tasks_app.models.clock import database_now


def unpublished_for() -> timedelta:
    """Since when the oldest event waits to be put on the stream; nothing when none does.

    Raises `StreamUnreachable`: then nobody knows what is on it.
    """
    numbered = [event.at for event in history.events(stream.newest_pos(), limit=1)]
    unnumbered = OutboxEntry.objects.filter(pos=None).order_by("id").values_list("at", flat=True)[:1]
    since = min([*numbered, *unnumbered], default=None)
    return max(database_now() - since, timedelta(0)) if since else timedelta(0)


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
