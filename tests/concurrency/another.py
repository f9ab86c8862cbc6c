"""A second connection: what another process would see and do."""

import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def as_another(act: Callable[[], T]) -> T:
    """Do it on a connection of its own, now, and answer its result.

    Waiting for a lock fails after half a second: otherwise a missing SKIP LOCKED would hang the suite.
    """
    results: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '500ms'")
            results.append(act())
        except BaseException as failure:  # noqa: BLE001 - raised again in the thread that asked
            failures.append(failure)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert not thread.is_alive(), "the other connection hangs"
    if failures:
        raise failures[0]
    return results[0]
