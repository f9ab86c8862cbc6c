"""The queue, those who work on it, and the database under it, asked at each scrape."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tasks_app.services import database_state, queue_state, workforce
from tasks_app.services.queue_state import QueueState
from tasks_app.states import RunState


class Queue(Collector):
    """What is counted stops at `queue_state.LOOKED_AT` of each kind, so that a long queue is not read at every scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        state = queue_state.look()
        yield _by("orchestrator_queue_depth", "Unfinished runs by state.", "state", state.depth)
        yield _of_priorities(state)
        yield _by("orchestrator_waiting_runs", "Waiting runs by what they wait for.", "waiting_for", state.waiting)
        yield _one("orchestrator_oldest_queued_seconds", "How long the oldest queued run is due.", state.oldest_seconds)
        yield _one("orchestrator_leases_overdue", "Runs whose lease is over, to be reaped.", state.leases.expired)
        yield _one("orchestrator_dead_runs", "Runs that lost too many workers, to be redriven.", state.dead)


class Workforce(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _by("orchestrator_workers", "Worker processes by state.", "state", workforce.workers_by_state())
        ages = workforce.seconds_since_rounds()
        yield _by("orchestrator_beat_round_age_seconds", "Since any beat last did a round of a duty.", "duty", ages)


class Database(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        state = database_state.look()
        yield _one(
            "orchestrator_oldest_snapshot_seconds",
            "Since when the oldest transaction with a snapshot is open.",
            state.oldest_snapshot_seconds,
        )
        yield _one(
            "orchestrator_oldest_xmin_age",
            "Transactions begun since the oldest snapshot, which vacuum must respect.",
            state.oldest_xmin_age,
        )
        yield _one("orchestrator_queue_dead_tuples", "Dead tuples of the queue's table.", state.dead_tuples)


def _of_priorities(state: QueueState) -> GaugeMetricFamily:
    depth = GaugeMetricFamily(
        "orchestrator_queue_priority_depth", "Queued and running runs by priority.", labels=["state", "priority"]
    )
    for level in state.levels:
        depth.add_metric([RunState.QUEUED, str(level.priority)], level.runs)
    for priority, runs in state.leases.held.items():
        depth.add_metric([RunState.RUNNING, str(priority)], runs)
    return depth


def _by(name: str, words: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _one(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)
