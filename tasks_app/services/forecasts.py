"""What can be asked about the time to come: collisions and peaks, or all of it hour by hour. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings

from tasks_app.conf import conf
from tasks_app.models import Agent, Task
from tasks_app.models.clock import database_now
from tasks_app.models.task import TaskQuerySet
from tasks_app.planning.forecast import reading, told
from tasks_app.planning.forecast.engine import Forecast, forecast
from tasks_app.planning.forecast.peaks import Peak, peaks
from tasks_app.planning.forecast.reading import Reading
from tasks_app.planning.forecast.remembered import remembering
from tasks_app.planning.forecast.spread import spread
from tasks_app.planning.forecast.subject import Subject, Window

BUDGET_OF_A_REQUEST: Final = 50_000
BUDGET_OF_A_COMMAND: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """A forecast, what it was made from, and its peaks."""

    read: Reading
    slots: int
    forecast: Forecast
    peaks: Sequence[Peak]

    @property
    def outline(self) -> dict[str, Any]:
        return told.outline(self.read, self.forecast, slots=self.slots)

    @property
    def clashes(self) -> dict[str, Any]:
        return told.clashes(self.forecast, self.peaks)

    @property
    def course(self) -> dict[str, Any]:
        return told.course(self.forecast)


def worker_slots() -> int:
    """How many runs this deployment's worker does at a time: each of its processes has so many threads."""
    return int(settings.CELERY_WORKER_CONCURRENCY) * conf().worker_threads


def simulate(
    tasks: TaskQuerySet, *, window: Window, slots: int | None = None, budget: int = BUDGET_OF_A_COMMAND
) -> Simulation:
    """Let the tasks live through the window with `slots` runs at a time, looking at `budget` instants at most."""
    read = reading.read(tasks, start=window.start)
    return _simulated(read, read.subjects, window=window, slots=slots or worker_slots(), budget=budget)


def conflicts(agent: Agent, *, start: datetime | None = None, end: datetime | None = None) -> dict[str, Any]:
    """Collisions and peaks of the tasks that `agent` may see, by default within 24 hours from this minute on, and the jitter
    that would lower the peaks.
    """
    start = start or database_now().replace(second=0, microsecond=0)
    window = Window(start, end or start + timedelta(days=1))
    read = reading.read(Task.objects.owned_by(agent), start=start)

    def simulated(subjects: Sequence[Subject]) -> Simulation:
        return _simulated(read, subjects, window=window, slots=worker_slots(), budget=BUDGET_OF_A_REQUEST)

    made = simulated([remembering(subject) for subject in read.subjects])
    proposed = spread(made.forecast, again=lambda subjects: simulated(subjects).forecast)
    return {
        **made.outline,
        **made.clashes,
        "spread": [told.proposal(each) for each in proposed.proposals],
        "spread_left_out": proposed.left_out,
    }


def _simulated(read: Reading, subjects: Sequence[Subject], *, window: Window, slots: int, budget: int) -> Simulation:
    made = forecast(subjects, window=window, slots=slots, budget=budget, runs_per_day=read.runs_per_day)
    return Simulation(read=read, slots=slots, forecast=made, peaks=peaks(made))
