"""Whatever is done to the queue, in whatever order: what Postgres holds is what an oracle in memory says.

ORDINAUT_PROPERTY_CASES is the number of examples; ORDINAUT_PROPERTY_STEPS how many things are done in each.
"""

import os
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.queue.queue_machine import QueueMachine

pytestmark = pytest.mark.django_db

EXAMPLES: Final = int(os.environ.get("ORDINAUT_PROPERTY_CASES", "40"))
STEPS: Final = int(os.environ.get("ORDINAUT_PROPERTY_STEPS", "40"))


@pytest.fixture(autouse=True)
def _nobody_to_wake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks_app.events.wakeup.send", lambda: None)


@pytest.mark.timeout(max(120, EXAMPLES * 5))
def test_the_queue_does_what_an_oracle_says_in_whatever_order_things_happen() -> None:
    run_state_machine_as_test(
        QueueMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
