"""How many destinations are not called freely, asked of the database at each scrape."""

from collections.abc import Iterator

from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tasks_app.models import Destination, PostponedCall
from tasks_app.models.clock import database_now
from tasks_app.states import BreakerState


class Breakers(Collector):
    """Without the destinations' names: whoever scrapes needs no token, and the hosts that an agent calls are told to that agent alone."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        troubled = Destination.objects.exclude(state=BreakerState.CLOSED)
        numbers = dict(troubled.values_list("state").annotate(Count("pk")).order_by())
        state = GaugeMetricFamily(
            "orchestrator_breaker_state", "Destinations that are not called freely, by state.", labels=["state"]
        )
        for each in (BreakerState.OPEN, BreakerState.RECOVERING):
            state.add_metric([each], numbers.get(each, 0))
        yield state
        waiting = PostponedCall.objects.filter(promised_at__gt=database_now()).count()
        yield GaugeMetricFamily("orchestrator_calls_in_line", "Runs whose call waits for its time.", value=waiting)
