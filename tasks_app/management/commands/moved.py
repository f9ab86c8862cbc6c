"""List the next runs that were moved by a change of a calendar or by an upgrade of the zone rules, as recent events tell."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tasks_app.events.types import EventType
from tasks_app.models import OutboxEntry, PlanningRules


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=100, help="How many, the newest first (100).")

    def handle(self, *args: Any, limit: int, **options: Any) -> None:
        rules = PlanningRules.objects.first()
        self.stdout.write(f"Planned by {rules.version if rules else 'no rules yet: no beat has run'}.")
        recent = OutboxEntry.objects.recent()
        changes = recent.telling(EventType.TASK_UPDATED).beginning_with("moved")
        for event in changes.order_by("-id")[:limit].events():
            moved, reason = event.data["moved"], event.data["reason"]
            self.stdout.write(
                f"{event.at:%Y-%m-%d %H:%M} {event.aggregate} {moved['from']} -> {moved['to']} ({reason})"
            )
