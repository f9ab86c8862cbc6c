"""What a step can ask about the time: whether it is quiet now, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from schedules import InvalidSchedule
from schedules.quiet_hours import QuietHours
from schedules.zones import zone
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Run
from tasks_app.models.clock import database_now


@dataclass(frozen=True, slots=True)
class Quiet:
    """Until when it is quiet (UTC), and how many seconds that is from now."""

    until: datetime
    seconds: float


def quiet_now(run: UUID, *, windows: Any = None, timezone: str | None = None) -> Quiet | None:
    """Whether the database's time lies in these windows, in this zone; None if not. Without them the run's task's count.

    Raises `InvalidRequest` for what are no windows and for what is no zone.
    """
    own = _task_of(run)
    try:
        quiet = QuietHours.parse(own["task__quiet_hours"] if windows is None else windows)
        local = zone(own["task__timezone"] if timezone is None else timezone)
    except InvalidSchedule as invalid:
        part = "windows" if invalid.part == "quiet_hours" else invalid.part
        raise InvalidRequest(Fault(f"/{part}", f"{invalid.message}.")) from None
    now = database_now()
    end = quiet.end_after(now, zone=local)
    return Quiet(end, (end - now).total_seconds()) if end is not None else None


def _task_of(run: UUID) -> Mapping[str, Any]:
    return Run.objects.values("task__quiet_hours", "task__timezone").get(pk=run)
