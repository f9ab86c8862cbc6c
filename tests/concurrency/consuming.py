"""A process that consumes events, for tests to kill and to pause: `python -m tests.concurrency.consuming seconds batch [shared]`.

`seconds`: of the lease or, shared, after which another takes what is pending.

Each event that it handles leaves one entry in the audit, written by the handler.
"""

import os
import signal
import sys
import threading
from datetime import timedelta
from types import FrameType

import django


def main(seconds: float, batch: int, *, shared: bool) -> None:
    django.setup()
    from tasks_app.events import sharing
    from tasks_app.events.consumer import Consumer
    from tasks_app.events.event import Event
    from tasks_app.models import AuditEntry

    def note(event: Event) -> None:
        kind, _, subject = event.aggregate.partition(":")
        details = {"pos": event.pos, "seq": event.seq, "id": str(event.id)}
        AuditEntry.objects.create(
            actor=f"pid {os.getpid()}", action="noted", object_kind=kind, object_id=subject, details=details
        )

    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    if shared:
        sharing._ROUND_SECONDS = 1
        sharing.SharedConsumer("readers", note, start="oldest", batch=batch, idle=seconds).run(stop)
    else:
        Consumer("readers", note, start="oldest", batch=batch, lease=timedelta(seconds=seconds)).run(stop)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordinaut_site.settings")
    main(float(sys.argv[1]), int(sys.argv[2]), shared="shared" in sys.argv)
