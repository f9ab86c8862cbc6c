"""How far each group of readers has come, and which process may move it on.

A position is moved by one guarded statement: its WHERE names the term under which the mover holds it and the
position it leaves, so a process that was too slow, or was taken for dead, changes no row and is told so. Whoever
writes its effects in the same transaction has written them exactly once. Time is the database's.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from tasks_app.events import history
from tasks_app.models import ConsumerPosition

Start = Literal["oldest", "newest"]
LONGEST_GROUP: Final = 100


@dataclass(frozen=True)
class Hold:
    """Proof that a process is the one that reads for a group."""

    group: str
    term: int


class PositionLost(Exception):
    """Another process reads for the group by now, or has moved its position."""


def begin(group: str, *, start: Start) -> None:
    """Make the group known, before the oldest event that is kept or behind the newest; one that is known stays put."""
    kept = history.kept()
    pos = kept.newest if start == "newest" else kept.oldest - 1
    ConsumerPosition.objects.get_or_create(group=group, defaults={"pos": pos})


@transaction.atomic
def claim(group: str, *, holder: str, lease: timedelta) -> tuple[Hold, int] | None:
    """Take the group, if nobody holds it, and answer its position. A row that its holder is writing is not waited for."""
    free = ConsumerPosition.objects.filter(group=group).free()
    position = free.select_for_update(skip_locked=True).first()
    if position is None:
        return None
    term = position.term + 1
    _write(Hold(group, position.term), pos=position.pos, term=term, holder=holder, lease_until=Now() + lease)
    return Hold(group, term), position.pos


def advance(hold: Hold, *, pos: int, to: int, lease: timedelta) -> None:
    """Move from `pos` to `to`, in the transaction of the effects; the row stays locked until it ends.

    Raises `PositionLost`.
    """
    _write(hold, pos=pos, to=to, deliveries=0, moved_at=Now(), lease_until=Now() + lease)


def skip_missing(hold: Hold, *, pos: int, to: int) -> None:
    """Move over events that nobody keeps any more, and count them. Raises `PositionLost`."""
    _write(hold, pos=pos, to=to, deliveries=0, moved_at=Now(), missed=F("missed") + (to - pos))


@transaction.atomic
def count_delivery(hold: Hold, *, pos: int, lease: timedelta, again: bool = False) -> int:
    """Write down, before it begins, that the event after `pos` is delivered; answers for the how manieth time.

    again: the last delivery does not count, for it failed by no fault of the event. Raises `PositionLost`.
    """
    _write(hold, pos=pos, deliveries=F("deliveries") + (0 if again else 1), lease_until=Now() + lease)
    return ConsumerPosition.objects.values_list("deliveries", flat=True).get(group=hold.group)


def renew(hold: Hold, *, pos: int, lease: timedelta) -> None:
    """Hold it for `lease` from now. Raises `PositionLost`."""
    _write(hold, pos=pos, lease_until=Now() + lease)


def release(hold: Hold) -> None:
    """Let another process take over at once; nothing when one has already."""
    held = ConsumerPosition.objects.held_under(hold.group, term=hold.term)
    held.update(lease_until=None, holder="")


def raise_to(group: str, pos: int) -> None:
    """Note that everything up to `pos` is done, for a group whose position is kept elsewhere. It never goes back."""
    ConsumerPosition.objects.filter(group=group, pos__lt=pos).update(pos=pos, moved_at=Now())


def of(hold: Hold) -> int:
    """The position as it is written. Raises `PositionLost`."""
    pos = ConsumerPosition.objects.held_under(hold.group, term=hold.term).values_list("pos", flat=True).first()
    if pos is None:
        raise PositionLost(f"{hold.group} is read by another process by now")
    return pos


def low_water(group: str) -> int:
    """Up to where a group is known to be done. Raises `ConsumerPosition.DoesNotExist` for one that has not begun."""
    return ConsumerPosition.objects.values_list("pos", flat=True).get(group=group)


def oldest_wanted() -> int | None:
    """The first event that a group has still to read, None without groups."""
    least = ConsumerPosition.objects.order_by("pos").values_list("pos", flat=True).first()
    return None if least is None else least + 1


def _write(hold: Hold, *, pos: int, to: int | None = None, **changes: Any) -> None:
    held = ConsumerPosition.objects.held_under(hold.group, term=hold.term).filter(pos=pos)
    if not held.update(pos=pos if to is None else to, **changes):
        raise PositionLost(f"{hold.group} is read by another process by now")
