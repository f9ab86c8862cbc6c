"""The embedded Redis, started, killed and started again."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from ordinaut_site.embedded import leftovers, locations, redis
from tests.integration.embedded.serving import new_home, serving
from tests.integration.embedded.supervised import gone


@pytest.fixture
def home() -> Iterator[Path]:
    with new_home() as folder:
        yield folder
        assert leftovers.take_down(folder / "redis", program="redis-server", stop_signal=signal.SIGTERM) == 0


def test_a_second_start_finds_what_the_first_kept(home: Path) -> None:
    with serving(redis.prepare(home), home=home), _client(home) as client:
        client.set("city", "Orhei")

    with serving(redis.prepare(home), home=home), _client(home) as client:
        assert client.get("city") == b"Orhei"


def test_it_keeps_a_log_of_writes_evicts_nothing_and_opens_no_port(home: Path) -> None:
    with serving(redis.prepare(home), home=home), _client(home) as client:
        settings = {name: client.config_get(name)[name] for name in ("appendonly", "maxmemory-policy", "port")}

    assert settings == {"appendonly": "yes", "maxmemory-policy": "noeviction", "port": "0"}


def test_a_socket_left_by_a_killed_server_does_not_stop_the_start(home: Path) -> None:
    with serving(redis.prepare(home), home=home) as process:
        process.kill()
        process.wait()
    assert (home / "run" / "redis.sock").exists()

    with serving(redis.prepare(home), home=home), _client(home) as client:
        assert client.ping()


def test_a_server_that_outlived_its_supervisor_is_taken_down_first(home: Path) -> None:
    with serving(redis.prepare(home), home=home) as orphan:
        redis.prepare(home)

        assert gone(orphan.pid)


def test_nothing_answers_before_it_is_started(home: Path) -> None:
    assert not redis.prepare(home).answers()


def _client(home: Path) -> Redis:
    return Redis.from_url(locations.redis_url(home))
