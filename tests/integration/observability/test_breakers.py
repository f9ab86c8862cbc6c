"""What Prometheus reads about destinations."""

import pytest

from tasks_app.destinations import permits
from tests.integration.destinations.making import API, RULES, call_to, opened, told
from tests.integration.observability.test_metrics import scraped

pytestmark = pytest.mark.django_db


def test_destinations_that_are_not_called_freely_are_told_and_no_others() -> None:
    opened(cooled=False)
    told(1, 0, of="llm.generate")
    permits.ask(call_to(), rules=RULES)

    samples = scraped()

    assert samples[f'orchestrator_breaker_state{{destination="{API}",state="open"}}'] == 1
    assert [name for name in samples if name.startswith("orchestrator_breaker_state")] == [
        f'orchestrator_breaker_state{{destination="{API}",state="open"}}'
    ]
    assert samples["orchestrator_calls_in_line"] == 1
    assert samples["orchestrator_breakers_opened_total"] >= 1
