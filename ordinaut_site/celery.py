"""The Celery application, and the signals of its processes."""

import mmap
import os
from typing import Any

from celery import Celery, signals

from ordinaut_site.logs import configure_celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordinaut_site.settings")

app = Celery("ordinaut")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="celery_tasks")

signals.setup_logging.connect(configure_celery)

# One byte that the processes of a pool inherit: their parent alone is told to stop, and a drain under way
# would keep it waiting for as long as there is work.
_stopping = mmap.mmap(-1, 1)


@signals.worker_shutting_down.connect
def _ask_to_stop(**_: Any) -> None:
    _stopping[0] = 1


@signals.worker_process_init.connect
def _start_working(**_: Any) -> None:
    from tasks_app.celery_tasks import start_worker  # noqa: PLC0415 - models load after the application

    start_worker(lambda: bool(_stopping[0]))


@signals.worker_process_shutdown.connect
def _finish_working(**_: Any) -> None:
    from tasks_app.celery_tasks import stop_worker  # noqa: PLC0415 - models load after the application

    stop_worker()
