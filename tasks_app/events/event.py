"""Event, by the name under which handlers import it."""

from tasks_app.models.event import Event, InvalidEnvelope

__all__ = ["Event", "InvalidEnvelope"]
