"""Which destinations are not called freely, asked of the database at each scrape."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tasks_app.models import Destination, PostponedCall
from tasks_app.models.clock import database_now
from tasks_app.states import BreakerState


class Breakers(Collector):
    """The well ones are left out: tasks may name any number of hosts, and each would be a series of its own."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        state = GaugeMetricFamily(
            "orchestrator_breaker_state", "Destinations that are not called freely.", labels=["destination", "state"]
        )
        for name, troubled in Destination.objects.exclude(state=BreakerState.CLOSED).values_list("name", "state"):
            state.add_metric([name, troubled], 1)
        yield state
        waiting = PostponedCall.objects.filter(promised_at__gt=database_now()).count()
        yield GaugeMetricFamily("orchestrator_calls_in_line", "Runs whose call waits for its time.", value=waiting)
