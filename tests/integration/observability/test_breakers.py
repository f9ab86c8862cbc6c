"""What Prometheus reads about destinations."""

import pytest

from tasks_app.destinations import permits
from tests.integration.destinations.making import API, RULES, call_to, opened, told
from tests.integration.observability.test_metrics import scraped

pytestmark = pytest.mark.django_db


def test_destinations_that_are_not_called_freely_are_counted_and_their_hosts_are_not_told() -> None:
    opened(cooled=False)
    told(1, 0, of="llm.generate")
    permits.ask(call_to(), rules=RULES)

    samples = scraped()

    assert {name: number for name, number in samples.items() if name.startswith("orchestrator_breaker_state")} == {
        'orchestrator_breaker_state{state="open"}': 1,
        'orchestrator_breaker_state{state="recovering"}': 0,
    }
    assert [name for name in samples if API in name or "example.org" in name] == []
    assert samples["orchestrator_calls_in_line"] == 1
    assert samples["orchestrator_breakers_opened_total"] >= 1
