"""Prometheus is told how far events are behind, of the relay and of every group that reads them."""

from datetime import timedelta

import pytest
import redis
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tasks_app.events import lag, stream
from tasks_app.models import ConsumerPosition, OutboxEntry
from tasks_app.models.clock import database_now
from tests.integration.events.reading import consumer, publish, read_all, record
from tests.integration.observability.test_metrics import scraped

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

AGE = "orchestrator_oldest_unpublished_event_seconds"


def carried_out(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ANALYZE {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


def grow_old(pos: int | None) -> None:
    OutboxEntry.objects.filter(pos=pos).update(at=database_now() - timedelta(minutes=2))


def test_nothing_waits_when_everything_is_on_the_stream() -> None:
    publish(2)
    grow_old(1)

    assert scraped()[AGE] == 0
    assert scraped()["orchestrator_stream_reachable"] == 1


def test_the_oldest_event_without_a_position_waits() -> None:
    publish(1)
    record(1)
    grow_old(None)

    assert scraped()[AGE] == pytest.approx(120, abs=30)


def test_an_event_that_redis_lost_waits_though_it_has_its_position() -> None:
    publish(2)
    grow_old(1)
    stream.client().flushdb()

    assert scraped()[AGE] == pytest.approx(120, abs=30)


def test_what_is_on_the_stream_is_not_read_to_find_what_waits() -> None:
    publish(30)

    with CaptureQueriesContext(connection) as asked:
        lag.unpublished_for()

    assert not [each["sql"] for each in asked if "Rows Removed by Filter" in carried_out(each["sql"])]


def test_without_redis_the_age_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    publish(1)
    read_all(consumer())
    nobody = redis.Redis(unix_socket_path="/nonexistent/redis.sock", decode_responses=True)
    with monkeypatch.context() as away:
        away.setattr(stream, "client", lambda: nobody)
        seen = scraped()

    assert AGE not in seen
    assert seen["orchestrator_stream_reachable"] == 0
    assert seen['orchestrator_group_lag_events{group="readers"}'] == 0


def test_each_groups_lag_is_told_wherever_its_position_is_kept() -> None:
    publish(5)
    ConsumerPosition.objects.create(group="ours", pos=2)
    stream.client().xgroup_create(stream.STREAM, "theirs", id="4-0")

    seen = scraped()

    assert seen['orchestrator_group_lag_events{group="ours"}'] == 3
    assert seen['orchestrator_group_lag_events{group="theirs"}'] == 1


def test_what_consumers_did_is_counted() -> None:
    publish(2)
    before = scraped()

    read_all(consumer())

    handled = 'orchestrator_events_handled_total{group="readers"}'
    assert scraped()[handled] == before.get(handled, 0) + 2
    assert scraped()["orchestrator_dead_letters"] == 0
