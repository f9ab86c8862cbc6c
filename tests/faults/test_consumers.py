"""F24: a reader that stands still while the stream is trimmed past it."""

import sys
from dataclasses import replace

import psutil
import psycopg
import pytest
import redis

from tests.faults import histories
from tests.faults.conftest import SceneOf
from tests.faults.histories import STREAM, Event
from tests.faults.platform import Platform
from tests.faults.results import Row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(420)]
CAP = 2000
TRIMMED_IN_WHOLE_NODES = 200  # entries that XTRIM ~ leaves, and those that came since
LEASE = {"ORDINAUT_LEASE_SECONDS": "8", "ORDINAUT_HEARTBEAT_SECONDS": "1"}
PLANTED = f"""
tasks_app.maintenance.prune: STREAM_ENTRIES, STREAM_ENTRIES_AT_MOST = {CAP // 2}, {CAP}
ordinaut_site.settings: BEAT_DUTIES["prune"] = (BEAT_DUTIES["prune"][0], 1)
"""


@pytest.mark.fault("F24", f"SIGSTOP to the only reader until three times the stream's cap of {CAP:,} has passed")
def test_a_reader_that_stood_still_reads_what_the_stream_forgot_from_postgres(scene_of: SceneOf, row: Row) -> None:
    with scene_of(rate=80, before=with_table, FAULTS_AFTER_IMPORT=PLANTED) as scene:
        reader = scene.platform.start_program("reader", sys.executable, "-m", "tests.faults.reading", **settings(LEASE))
        scene.under_load(seconds=3)
        scene.platform.until(lambda: newest_read(scene.platform) > 0)
        before = psutil.Process(reader.pid).memory_info().rss
        reader.pause()
        stood_at = newest_read(scene.platform)
        scene.platform.until(lambda: newest_pos(scene.platform) > stood_at + 3 * CAP, seconds=150)
        longest = stream_length(scene.platform)
        reader.go_on()
        history = scene.settled()
        scene.platform.until(lambda: newest_read(scene.platform) == newest_pos(scene.platform))
        grown = (psutil.Process(reader.pid).memory_info().rss - before) / 1e6
        seen = read_by_it(scene.platform)

    row.measure("events it missed on the stream", newest_of(seen) - stood_at - CAP, at_least=CAP)
    row.measure("entries on the stream", longest, at_most=CAP + CAP // 2 + TRIMMED_IN_WHOLE_NODES)
    row.measure("the reader's memory grew by", grown, unit="MB", at_most=30)
    row.judge(replace(history, events=seen))


def settings(more: dict[str, str]) -> dict[str, str]:
    return {"DJANGO_SETTINGS_MODULE": "ordinaut_site.settings"} | more


def with_table(platform: Platform) -> dict[str, str]:
    with psycopg.connect(platform.database_url) as connection:
        connection.execute("CREATE TABLE kept_by_reader (id bigserial PRIMARY KEY, pos bigint, event jsonb)")
    return {}


def newest_read(platform: Platform) -> int:
    with psycopg.connect(platform.database_url) as connection:
        [[pos]] = connection.execute("SELECT coalesce(max(pos), 0) FROM kept_by_reader")
    return int(pos)


def read_by_it(platform: Platform) -> list[Event]:
    """The events in the order in which the reader had them."""
    with psycopg.connect(platform.database_url) as connection:
        return [
            histories.event_of(event) for [event] in connection.execute("SELECT event FROM kept_by_reader ORDER BY id")
        ]


def newest_of(events: list[Event]) -> int:
    return events[-1].pos


def newest_pos(platform: Platform) -> int:
    with redis.Redis.from_url(platform.redis_url, decode_responses=True) as client:
        told = client.xinfo_stream(STREAM)
    return int(told["last-generated-id"].partition("-")[0])


def stream_length(platform: Platform) -> int:
    with redis.Redis.from_url(platform.redis_url) as client:
        return int(client.xlen(STREAM))
