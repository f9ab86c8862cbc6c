"""How far events are behind, asked of the database and of the stream at each scrape."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tasks_app.events import lag
from tasks_app.events.stream import StreamUnreachable
from tasks_app.models import DeadLetter


class EventLag(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self._publishing()
        groups = GaugeMetricFamily(
            "orchestrator_group_lag_events", "Events that a group of readers has not handled.", labels=["group"]
        )
        for group, behind in sorted(lag.of_groups().items()):
            groups.add_metric([group], behind)
        yield groups
        yield GaugeMetricFamily(
            "orchestrator_dead_letters", "Events that a group could not handle.", value=DeadLetter.objects.count()
        )

    def _publishing(self) -> Iterator[GaugeMetricFamily]:
        """Without Redis nobody knows what it holds: the age is left out rather than guessed."""
        try:
            waited = lag.unpublished_for().total_seconds()
        except StreamUnreachable:
            waited = None
        yield GaugeMetricFamily(
            "orchestrator_stream_reachable", "Whether Redis answers, 1 or 0.", value=int(waited is not None)
        )
        if waited is not None:
            name = "orchestrator_oldest_unpublished_event_seconds"
            yield GaugeMetricFamily(name, "Age of the oldest event that is not on the stream.", value=waited)
