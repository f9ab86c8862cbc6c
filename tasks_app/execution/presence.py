"""Presence: a worker's line in the register, kept by its heartbeat."""

import os
import socket

from tasks_app import workers
from tasks_app.models import Worker


class Presence:
    """Of one process. Called by the heartbeat's thread alone; whatever fails is tried again at the next beat."""

    def __init__(self, *, name: str, threads: int) -> None:
        self._name = name
        self._threads = threads
        self._registered: Worker | None = None

    def tell(self, *, held: int, stopping: bool) -> None:
        if self._registered is None:
            self._registered = workers.register(
                name=self._name, host=socket.gethostname(), pid=os.getpid(), threads=self._threads
            )
        else:
            workers.beat(self._registered, held=held, stopping=stopping)

    def end(self) -> None:
        if self._registered:
            workers.sign_off(self._registered)
