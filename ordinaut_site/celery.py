"""The Celery application, and the signals of its processes."""

import mmap
import os
import signal
import threading
from importlib import import_module
from typing import Any, Final

from billiard import current_process
from celery import Celery, bootsteps, signals

from ordinaut_site.logs import configure_celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordinaut_site.settings")

app = Celery("ordinaut")
app.config_from_object("django.conf:settings", namespace="CELERY")

signals.setup_logging.connect(configure_celery)

# One byte that the processes of a pool inherit: their parent alone is told to stop, and they learn of it here.
_stopping = mmap.mmap(-1, 1)


@signals.worker_shutting_down.connect
def _ask_to_stop(**_: Any) -> None:
    _stopping[0] = 1


class Watch(bootsteps.StartStopStep):
    """The main process watches over its children: one that is stuck in C code cannot help itself."""

    requires: Any = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **options: Any) -> None:
        from tasks_app.conf import conf  # noqa: PLC0415 - reads the settings
        from tasks_app.execution.board import Board  # noqa: PLC0415 - models load after the application

        super().__init__(parent, **options)
        self._replacing: Any = None
        # Before the pool's own step starts it: its children inherit what is there by then, and what is loaded.
        import_module("tasks_app.execution.worker_process")
        boards.append(Board(processes=_MOST_PROCESSES, threads=conf().worker_threads))

    def start(self, parent: Any) -> None:
        # Celery would give up when a child has died before its main process is ready, although it replaces any other:
        # children work from their first moment on, and a run may kill one as early as that.
        parent.pool.did_start_ok = lambda: True
        from tasks_app.conf import conf  # noqa: PLC0415 - reads the settings
        from tasks_app.execution.warden import Warden  # noqa: PLC0415 - models load after the application

        Warden(boards[-1], limit=conf().stuck.total_seconds()).start()

    def register_with_event_loop(self, parent: Any, hub: Any) -> None:
        """Replace dead children soon: Celery itself learns of one as late as five seconds after, if others live."""
        if self._replacing:
            self._replacing.cancel()
        self._replacing = hub.call_repeatedly(_REPLACE_EVERY, parent.pool.maintain_pool)


_REPLACE_EVERY: Final = 0.5  # seconds
_MOST_PROCESSES: Final = 256  # a pool may grow; a slot nobody takes costs nothing
boards: list[Any] = []
app.steps["worker"].add(Watch)


@signals.worker_process_init.connect
def _start_working(**_: Any) -> None:
    from tasks_app.execution.worker_process import start_worker  # noqa: PLC0415 - models load after the application

    # Of a process that is no child of a pool (`--pool solo`), Celery knows no place.
    place = getattr(current_process(), "index", None)
    slot = boards[-1].slot(place) if boards else None
    # Raised in the main thread, wherever it waits: so the process ends as it does when its pool shuts down.
    signal.signal(signal.SIGUSR2, _exit)
    start_worker(lambda: bool(_stopping[0]), slot=slot, retire=_interrupt_main_thread)


def _exit(_number: int, _frame: Any) -> None:
    raise SystemExit(0)


def _interrupt_main_thread() -> None:
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGUSR2)


@signals.worker_process_shutdown.connect
def _finish_working(**_: Any) -> None:
    from tasks_app.execution.worker_process import stop_worker  # noqa: PLC0415 - models load after the application

    stop_worker()
