"""Let in: give room that was overlooked to those who wait for it; somebody who should have asked died before it could."""

from typing import Final

from tasks_app import admission
from tasks_app.events import wakeup

BATCH: Final = 1000


def run_once() -> dict[str, int]:
    admitted = admission.admit(admission.overlooked(limit=BATCH))
    if admitted:
        wakeup.send()
    return {"admitted": admitted}
