"""Dead letters: the events that a group could not handle, and how they are delivered once more."""

import logging
from typing import Final

from django.db.models import F
from django.db.models.functions import Now
from prometheus_client import Counter

from tasks_app.events.event import Event
from tasks_app.models import DeadLetter
from tasks_app.models.dead_letter import LONGEST_ERROR

MOST_DELIVERIES: Final = 5

_buried = Counter("orchestrator_dead_letters_total", "Events that a group could not handle.", ["group"])

logger = logging.getLogger(__name__)


class HandlerDied(Exception):
    """The process was gone before its handler had ended, at every delivery."""


def bury(group: str, event: Event, error: BaseException, *, deliveries: int) -> None:
    """Keep an event that `group` could not handle; once is enough, however often it is asked for."""
    DeadLetter.objects.bulk_create(
        [
            DeadLetter(
                group=group,
                pos=event.pos,
                event_id=event.id,
                event_type=event.type,
                event=event.envelope,
                deliveries=deliveries,
                **_said(error),
            )
        ],
        ignore_conflicts=True,
    )
    _buried.labels(group).inc()
    name = type(error).__name__
    logger.error("%s could not handle event %s (%s) %s times: %s", group, event.pos, event.type, deliveries, name)


def next_asked_for(group: str) -> DeadLetter | None:
    """The oldest one that somebody wants to be delivered again."""
    return DeadLetter.objects.asked_for().filter(group=group).order_by("pos").first()


def begin_delivery(letter: DeadLetter) -> bool:
    """Take the wish off the letter and count the delivery, before it begins: one that kills its process does so once."""
    wanted = DeadLetter.objects.asked_for().filter(pk=letter.pk)
    return wanted.update(asked_at=None, deliveries=F("deliveries") + 1) > 0


def want_again(letter: DeadLetter) -> None:
    """Put the wish back as it was before `begin_delivery`: nobody knows what the delivery came to. A letter that is gone
    was delivered after all.
    """
    unasked = DeadLetter.objects.filter(pk=letter.pk, asked_at=None)
    unasked.update(asked_at=letter.asked_at, deliveries=letter.deliveries)


def note_failure(letter: DeadLetter, error: BaseException) -> None:
    """It could not be handled this time either."""
    DeadLetter.objects.filter(pk=letter.pk).update(**_said(error), at=Now())


def _said(error: BaseException) -> dict[str, str]:
    """What Postgres can store of it: neither NUL nor half a surrogate pair, and no more than it has room for."""
    text = str(error).replace("\x00", "").encode(errors="replace").decode()
    kind = type(error)
    return {"error_class": f"{kind.__module__}.{kind.__qualname__}"[:200], "error_text": text[:LONGEST_ERROR]}
