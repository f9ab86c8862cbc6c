"""What can be asked about dead letters: deliver one again."""

from django.db import transaction
from django.db.models.functions import Now

from tasks_app.exceptions import IllegalMove
from tasks_app.models import DeadLetter
from tasks_app.services import audit
from tasks_app.services.actor import Actor


@transaction.atomic
def redeliver(letter: DeadLetter, *, actor: Actor) -> DeadLetter:
    """Have the group handle the event once more, within seconds; asking twice before it does changes nothing.

    Handled well, the letter is gone; failing again, it stays, with the new error. Raises `IllegalMove` when it has been
    handled already.
    """
    locked = DeadLetter.objects.select_for_update().filter(pk=letter.pk).first()
    if locked is None:
        raise IllegalMove("The event has been delivered already.")
    if locked.asked_at is None:
        DeadLetter.objects.filter(pk=locked.pk).update(asked_at=Now())
        said = {"group": locked.group, "pos": locked.pos, "event": str(locked.event_id)}
        audit.note("deadletter.redelivered", locked, actor=actor, **said)
    locked.refresh_from_db()
    return locked
