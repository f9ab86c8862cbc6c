"""One server for all of these streams, and an agent that may read events."""

from collections.abc import Iterator

import pytest

from tasks_app.models import Agent
from tests.integration.streams.listening import Server, served
from tests.making import make_agent


@pytest.fixture(scope="package")
def one_server(django_db_setup: None) -> Iterator[Server]:
    with served() as started:
        yield started


@pytest.fixture
def server(one_server: Server, transactional_db: None) -> Iterator[Server]:
    yield one_server
    one_server.leave()


@pytest.fixture
def alice(transactional_db: None) -> Agent:
    return make_agent(scopes=("events:read",))
