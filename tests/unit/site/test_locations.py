"""Where the embedded servers listen."""

from pathlib import Path

import psycopg.conninfo
import pytest
from kombu.utils.url import url_to_parts
from redis.connection import parse_url

from ordinaut_site.embedded import locations


def test_sockets_lie_in_the_home() -> None:
    assert locations.sockets(Path("/srv/ordinaut")) == Path("/srv/ordinaut/run")


def test_sockets_of_a_home_with_a_long_path_lie_in_a_short_one_of_their_own() -> None:
    one, other = (Path("/srv") / (letter * 120) for letter in "ab")

    assert len(bytes(locations.sockets(one) / ".s.PGSQL.5432")) <= 100
    assert locations.sockets(one) != locations.sockets(other)
    assert locations.sockets(one) == locations.sockets(one)


@pytest.mark.parametrize("home", ["/srv/ordinaut", "/srv/my ordinaut", "/srv/50% €"])
def test_every_client_reads_the_same_path_out_of_its_url(home: str) -> None:
    database = psycopg.conninfo.conninfo_to_dict(locations.database_url(Path(home)))
    redis = locations.redis_url(Path(home))

    assert database == {"user": "ordinaut", "dbname": "ordinaut", "host": f"{home}/run", "port": "5432"}
    assert parse_url(redis)["path"] == f"{home}/run/redis.sock"
    assert parse_url(redis)["db"] == 0
    assert "/" + url_to_parts(locations.broker_url(redis)).path == f"{home}/run/redis.sock"


def test_a_redis_elsewhere_is_the_broker_under_its_own_url() -> None:
    assert locations.broker_url("redis://cache:6379/3") == "redis://cache:6379/3"


@pytest.mark.parametrize(("url", "number"), [("unix:///run/redis.sock?db=7", "7"), ("unix:///run/redis.sock", "0")])
def test_the_broker_uses_the_database_number_of_the_socket_s_url(url: str, number: str) -> None:
    assert locations.broker_url(url) == f"redis+socket:///run/redis.sock?virtual_host={number}"
