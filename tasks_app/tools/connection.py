"""How does a tool reach the database, from one of many threads, without each of them keeping a connection?"""

import threading
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import Error, connection

from pipelines import ErrorClass, StepError, ToolCall, ToolFailure
from tasks_app.outages import is_outage

CONNECTIONS: Final = 2  # at most, for all threads of a process
_LOOK_ROUND: Final = 0.25  # seconds between looks whether the run was told to stop

T = TypeVar("T")
_free = threading.BoundedSemaphore(CONNECTIONS)


def on_a_connection(work: Callable[[], T], call: ToolCall) -> T:
    """Do `work` on a connection of this thread's, closed afterwards, as soon as fewer than `CONNECTIONS` are in use.

    Raises `ToolFailure` (retryable) when Postgres does not answer, (timeout) at the step's deadline, and `Interrupted`.
    """
    while not _free.acquire(timeout=min(_LOOK_ROUND, call.remaining())):
        call.check()
    try:
        return work()
    except Error as error:
        if not is_outage(error):
            raise
        message = "The database does not answer as it should."
        raise ToolFailure(StepError(ErrorClass.RETRYABLE, "database_unavailable", message)) from error
    finally:
        if not connection.in_atomic_block:
            connection.close()
        _free.release()
