"""Seeded load: what programs ask of a platform all day.

Events that ten tasks answer to each, at a Poisson rate: pure pipelines, and pipelines with two or three effects. Beside
them tasks on intervals. Everything goes through the API.
"""

import random
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.faults.api import Api
from tests.faults.effects import EffectServer

LISTENERS = 10
_EFFECTS_SHARE = 0.3


@dataclass(frozen=True)
class Scheduled:
    """A task on an interval: its instants are `first`, and every `seconds` after it."""

    task: str
    first: datetime
    seconds: int


class Load:
    """Made before the fault: its tasks exist from then on. Runs begin with `start` and come until `stop`."""

    def __init__(self, api: Api, effects: EffectServer, *, seed: int, rate: float, scheduled: int = 10) -> None:
        """rate: runs per second that events make; scheduled: how many tasks on intervals of one to five seconds."""
        self._api = api
        self._effects = effects
        self._chance = random.Random(seed)
        self._rate = rate
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._publish, daemon=True)
        self.promised: list[str] = []  # the runs that the API has spoken of
        self.pipelines: dict[str, list[str]] = {}  # the steps of each task
        self.scheduled: list[Scheduled] = []
        for _ in range(LISTENERS):
            self.add_task(pure_pipeline(), schedule_kind="event", schedule_expr="load.pure")
            effects_of = effects_pipeline(effects, steps=self._chance.randint(2, 3))
            self.add_task(effects_of, schedule_kind="event", schedule_expr="load.effects")
        for _ in range(scheduled):
            self.add_scheduled(self._chance.randint(1, 5))

    def add_task(self, pipeline: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
        """A task whose runs are judged as those of the load are."""
        body = {
            "title": "Load",
            "schedule_kind": "manual",
            "retry_delay_seconds": 1,
            "payload": {"pipeline": pipeline},
        } | fields
        task: dict[str, Any] = self._api.must("POST", "/api/v1/tasks", body)
        self.pipelines[task["id"]] = [step["id"] for step in pipeline]
        return task

    def add_scheduled(self, seconds: int, *, pipeline: list[dict[str, Any]] | None = None, **fields: Any) -> Scheduled:
        """A task that runs every `seconds`; its instants are compared with the oracle (I5)."""
        rules = {"schedule_kind": "interval", "schedule_expr": f"PT{seconds}S", "overlap_policy": "allow"}
        task = self.add_task(pipeline or pure_pipeline(), **(rules | fields))
        first = datetime.fromisoformat(task["next_run_at"]).astimezone(UTC)
        self.scheduled.append(Scheduled(task["id"], first, seconds))
        return self.scheduled[-1]

    def run_now(self, task: str) -> str:
        """The run that was promised."""
        run: str = self._api.must("POST", f"/api/v1/tasks/{task}/run_now")["id"]
        self.promised.append(run)
        return run

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """No more runs: the scheduled tasks are paused, which puts their further instants into the ledger."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(30)
        for each in self.scheduled:
            self._api.must("POST", f"/api/v1/tasks/{each.task}/pause")

    def _publish(self) -> None:
        due = time.monotonic()
        while not self._ended.wait(max(due - time.monotonic(), 0.0)):
            due = max(due, time.monotonic() - 1) + self._chance.expovariate(self._rate / LISTENERS)
            topic = "load.effects" if self._chance.random() < _EFFECTS_SHARE else "load.pure"
            answer = self._api.ask("POST", "/api/v1/events", {"topic": topic})
            if answer.status == 202:
                self.promised += answer.body["runs"]


def pure_pipeline() -> list[dict[str, Any]]:
    return [
        {"id": "greet", "uses": "debug.echo", "with": {"message": "hello"}},
        {"id": "shape", "uses": "system.transform", "with": {"value": "${steps.greet}", "expression": "message"}},
        {"id": "tell", "uses": "debug.echo", "with": {"message": "${steps.shape}"}},
    ]


def effects_pipeline(effects: EffectServer, *, steps: int, path: str = "/effect") -> list[dict[str, Any]]:
    """`steps` calls of the effect server with a pure step after each."""
    pipeline: list[dict[str, Any]] = []
    for number in range(1, steps + 1):
        effect = f"effect{number}"
        pipeline += [effect_step(effects, effect, path=path)]
        pipeline += [{"id": f"note{number}", "uses": "debug.echo", "with": {"message": f"${{steps.{effect}.status}}"}}]
    return pipeline


def effect_step(effects: EffectServer, name: str, *, path: str = "/effect") -> dict[str, Any]:
    query = {"run": "${run.id}", "step": name}
    return {
        "id": name,
        "uses": "http.request",
        "with": {"method": "POST", "url": f"{effects.url}{path}", "query": query},
    }


def instants_of(scheduled: Scheduled, *, before: datetime) -> list[datetime]:
    """The oracle: every instant from the first one, by plain arithmetic."""
    number = max(-(-(before - scheduled.first) // timedelta(seconds=scheduled.seconds)), 0)
    return [scheduled.first + timedelta(seconds=scheduled.seconds * nth) for nth in range(number)]
