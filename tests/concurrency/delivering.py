"""A process that delivers webhooks as a beat does, for tests to kill: `python -m tests.concurrency.delivering [die_after]`.

die_after: it kills itself when it has sent so many events, before it has noted the last of them.
"""

import os
import signal
import sys
import time
from datetime import timedelta

import django


def main(die_after: int) -> None:
    django.setup()
    from django.db import OperationalError, connections

    from tasks_app import faults
    from tasks_app.webhooks import deliver, moves, wanted

    moves.LEASE = timedelta(seconds=1)  # type: ignore[misc]
    deliver.spread = lambda seconds: seconds / 20  # type: ignore[assignment] # it is about who delivers, not about when
    sent = 0

    def count() -> None:
        nonlocal sent
        sent += 1
        if sent == die_after:
            os.kill(os.getpid(), signal.SIGKILL)

    if die_after:
        faults.plant("after_send", count)
    while True:
        try:
            wanted.run_once(batch=7)
            deliver.run_once()
        except OperationalError:
            connections.close_all()
        time.sleep(0.02)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordinaut_site.settings")
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
