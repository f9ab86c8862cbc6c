"""A program that reads the platform's events for a group, as an integration does, and keeps every one in a table.

    python -m tests.faults.reading

The table `kept_by_reader` (pos, event) is there before.
"""

import json
import signal
import threading

import django

django.setup()

from django.db import connection  # noqa: E402

from tasks_app.events.consumer import Consumer  # noqa: E402
from tasks_app.events.event import Event  # noqa: E402


def keep(event: Event) -> None:
    with connection.cursor() as cursor:
        told = json.dumps(event.envelope)
        cursor.execute("INSERT INTO kept_by_reader (pos, event) VALUES (%s, %s)", [event.pos, told])


if __name__ == "__main__":
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    reader = threading.Thread(target=Consumer("reader", keep, start="oldest").run, args=(stop,))
    reader.start()
    reader.join()
