"""The life of a worker's process: it has one worker, a doorbell that makes it look, and a keeper of its tools."""

import gc
import os
import secrets
import socket
from collections.abc import Callable
from typing import Final

from tasks_app.conf import conf
from tasks_app.execution.board import Slot
from tasks_app.execution.doorbell import Doorbell
from tasks_app.execution.worker import Worker
from tasks_app.live_catalogue import Keeper

# A batch of runs makes tens of thousands of objects that are gone with it: looking for cycles among them after each seven
# hundred took a third of a worker's time.
_ALLOCATIONS: Final = 50_000

_worker: Worker | None = None
_doorbell: Doorbell | None = None
_keeper: Keeper | None = None


def start_worker(
    stop_requested: Callable[[], bool], *, slot: Slot | None = None, retire: Callable[[], object] = bool
) -> None:
    """Begin to work on the queue in this process, until `stop_worker`; shown in `slot` to the process above.

    `retire` is called, from another thread, when this process should end for another to take its place.
    """
    global _worker, _doorbell, _keeper  # noqa: PLW0603 - a process has one worker
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)
    _keeper = Keeper()
    _keeper.start()
    name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
    _worker = Worker(name=name, conf=conf(), slot=slot, stop_requested=stop_requested, retire=retire)
    _worker.start()
    _doorbell = Doorbell(_worker.drain)
    _doorbell.start()


def stop_worker() -> None:
    if _doorbell is not None:
        _doorbell.stop()
    if _worker is not None:
        _worker.stop()
    if _keeper is not None:
        _keeper.stop()
