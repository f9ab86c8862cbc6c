"""Tasks that are in no database, and a forecast of them. The window begins on Monday, 2026-03-02, at 09:00 UTC."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tasks_app.models import Task
from tasks_app.planning.forecast.engine import Forecast, forecast
from tasks_app.planning.forecast.subject import Subject, Window
from tasks_app.planning.timing import timing_of

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
OWNER = UUID(int=1)


def at(minutes: float) -> datetime:
    """So many minutes after the start of the window."""
    return START + timedelta(minutes=minutes)


def task(number: int, expr: str = "PT1M", *, kind: str = "interval", **fields: Any) -> Task:
    """Its id is the number, so that tasks are in the order of their numbers."""
    values = {
        "id": UUID(int=number),
        "title": f"task {number}",
        "created_by_id": OWNER,
        "timezone": "UTC",
        "dtstart": "2026-01-01T00:00:00",
    }
    return Task(schedule_kind=kind, schedule_expr=expr, **(values | fields))


def subject(of: Task, *, lasts: float = 1) -> Subject:
    return Subject(of, timing_of(of), timedelta(seconds=lasts))


def foresee(
    *subjects: Subject,
    minutes: float = 5,
    start: datetime = START,
    slots: int = 100,
    budget: int = 100_000,
    runs_per_day: Mapping[UUID, int] | None = None,
) -> Forecast:
    window = Window(start, start + timedelta(minutes=minutes))
    return forecast(subjects, window=window, slots=slots, budget=budget, runs_per_day=runs_per_day)


def starts_of(made: Forecast, number: int = 0) -> list[float]:
    """At which minutes of the window the runs of the task may begin."""
    begin = (made.window.start - made.base).total_seconds()
    return [(second - begin) / 60 for second in made.starts.get(number, ())]
