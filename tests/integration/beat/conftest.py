"""Schedulers without duties, on a broker in memory."""

from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery

from schedules.beat.scheduler import DatabaseScheduler
from tests.integration.beat.sinks import Sent, an_app


@pytest.fixture
def celery_app(settings: Any) -> Iterator[Celery]:
    settings.BEAT_DUTIES = {}
    with an_app() as app:
        yield app


@pytest.fixture
def sent(celery_app: Celery) -> Sent:
    return Sent(celery_app)


@pytest.fixture
def scheduler(celery_app: Celery) -> Iterator[DatabaseScheduler]:
    scheduler = DatabaseScheduler(app=celery_app)
    yield scheduler
    scheduler.close()


@pytest.fixture
def beats(celery_app: Celery) -> Iterator[tuple[DatabaseScheduler, DatabaseScheduler]]:
    ours, theirs = DatabaseScheduler(app=celery_app), DatabaseScheduler(app=celery_app)
    yield ours, theirs
    ours.close()
    theirs.close()
