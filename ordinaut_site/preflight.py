"""What must hold before anything is started: a free port, and the servers that the environment names."""

import errno
import socket

import psycopg

from ordinaut_site import weaknesses
from ordinaut_site.embedded.binaries import OLDEST_POSTGRES
from ordinaut_site.embedded.errors import CannotStart
from ordinaut_site.env import Env

_CONNECT_SECONDS = 5
_OLDEST_REDIS = (6, 2)


def check(env: Env) -> None:
    """Raise `CannotStart` for the first thing that is not so."""
    _check_port(env.host, env.port)
    if env.database_url:
        _check_database(env.database_url)
    if env.redis_url:
        _check_redis(env.redis_url)


def check_strength(env: Env) -> None:
    """Raise `CannotStart` for a setting with which nothing may be started; once the secrets are made."""
    for weakness in weaknesses.found(env):
        if weakness.stops:
            raise CannotStart(f"{weakness.what} {weakness.cure}")


def _check_port(host: str, port: int) -> None:
    if not 0 < port < 65536:
        raise CannotStart(f"PORT={port} is not a port: choose one between 1 and 65535.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotStart(_why_not_bound(error, host, port)) from error


def _why_not_bound(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use: stop the program that listens there, or choose another, as in PORT={port + 1} make up."
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}: choose one above 1023, as in PORT=8080 make up."
    return (
        f"ORDINAUT_HOST={host} is no address of this machine ({error.strerror}): choose 127.0.0.1, or 0.0.0.0 for all."
    )


def _check_database(url: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise CannotStart(
            f"DATABASE_URL does not lead to a Postgres that answers ({reason}): start it or mend the URL, or unset it for the embedded one."
        ) from error
    except (psycopg.ProgrammingError, UnicodeError) as error:
        raise CannotStart(
            "DATABASE_URL is not a URL such as postgres://user:password@host:5432/name: mend it, or unset it for the embedded Postgres."
        ) from error
    if version < OLDEST_POSTGRES:
        raise CannotStart(f"DATABASE_URL leads to Postgres {version}: Ordinaut needs {OLDEST_POSTGRES} or newer.")


def _check_redis(url: str) -> None:
    import redis  # noqa: PLC0415 - slow, and only needed here

    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=_CONNECT_SECONDS, socket_timeout=_CONNECT_SECONDS
        ) as client:
            version = str(client.info("server")["redis_version"])
    except redis.RedisError as error:
        raise CannotStart(
            f"REDIS_URL does not lead to a Redis that answers ({error}): start it or mend the URL, or unset it for the embedded one."
        ) from error
    except ValueError as error:
        raise CannotStart(
            "REDIS_URL is not a URL such as redis://host:6379/0: mend it, or unset it for the embedded Redis."
        ) from error
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST_REDIS:
        raise CannotStart(f"REDIS_URL leads to Redis {version}: Ordinaut needs 6.2 or newer.")
