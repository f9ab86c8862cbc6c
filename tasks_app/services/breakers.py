"""What can be asked about breakers: to close one by hand."""

from django.db import transaction

from tasks_app.destinations import breakers
from tasks_app.models import Destination
from tasks_app.services import audit
from tasks_app.services.actor import Actor


@transaction.atomic
def reset(destination: Destination, *, actor: Actor) -> Destination:
    """Let a destination be called freely again, at once and without a trial; what failed before is forgotten.

    Every worker knows within a second. The runs that wait come back at the times they were given. Resetting one that is
    closed changes nothing.
    """
    state = destination.state
    if breakers.reset(destination.pk):
        audit.note("breaker.reset", destination, actor=actor, destination=destination.name, state_before=state)
    destination.refresh_from_db()
    return destination
