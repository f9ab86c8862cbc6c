"""`manage.py reap`: take back, now, the runs whose worker stopped renewing its lease, as beat does every five seconds."""

from typing import Any

from django.core.management.base import BaseCommand

from tasks_app.maintenance import reap


class Command(BaseCommand):
    help = "One round of reaping: put back the runs of silent workers, bury those that lost too many."

    def handle(self, *_args: Any, **_options: Any) -> None:
        counts = reap.run_once()
        self.stdout.write(
            f"{counts['requeued']} runs put back, {counts['dead']} dead, {counts['lost_workers']} workers lost."
        )
        if counts["more"]:
            self.stdout.write("There are more: ask again.")
