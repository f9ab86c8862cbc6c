"""A receiver, and an agent whose events are sent there."""

from collections.abc import Iterator

import pytest

from tasks_app.models import Agent
from tests.integration.webhooks.receiver import Receiver, receiving
from tests.making import make_agent


@pytest.fixture
def receiver(db: None) -> Iterator[Receiver]:
    with receiving() as started:
        yield started


@pytest.fixture
def alice(db: None) -> Agent:
    return make_agent(scopes=("events:read",))
