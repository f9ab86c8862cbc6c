"""A relay that stops itself at a point: `python -m tests.concurrency.relaying after_number|before_append KILL|STOP`.

Numbers and publishes one round; at the point it sends itself that signal.
"""

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

import django


def main(point: str, name: str) -> None:
    django.setup()
    from tasks_app import faults
    from tasks_app.events import stream
    from tasks_app.maintenance import relay

    def interrupt() -> None:
        os.kill(os.getpid(), signal.Signals[f"SIG{name}"])

    append = stream.append

    def append_late(events: Sequence[Any], **options: Any) -> int:
        interrupt()
        return append(events, **options)

    if point == "after_number":
        faults.plant(point, interrupt)
    else:
        stream.append = append_late
    sys.stdout.write(f"{relay.run_once()['published']}\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordinaut_site.settings")
    main(*sys.argv[1:])
