"""`manage.py up`: the whole platform in the foreground.

Knows no Django, so that it is on its feet at once and can say in a sentence what keeps Django from starting.
"""

import http.client
import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

from django.core.exceptions import ImproperlyConfigured

from ordinaut_site import banner, env, kept_files, preflight, prepared, programs
from ordinaut_site.embedded import home, locations, postgres, redis
from ordinaut_site.embedded.errors import CannotStart
from ordinaut_site.embedded.server import Server
from ordinaut_site.env import Env
from ordinaut_site.output import Output
from ordinaut_site.supervisor import Program, StopAsked, Supervisor

_SERVER_SECONDS = 120.0  # replaying a long log after a crash takes its time
_WEB_SECONDS = 60.0


def main() -> int:
    """Start everything and serve until asked to stop; answer the exit code."""
    try:
        settings = env.read()
        with home.held(settings.home):
            preflight.check(settings)
            _serve(settings)
    except StopAsked:
        return 0
    except (CannotStart, ImproperlyConfigured) as reason:
        sys.stderr.write(f"Ordinaut cannot start: {reason}\n")
        return 1


def _serve(settings: Env) -> NoReturn:
    kept_files.make_secrets(settings.home)
    preflight.check_strength(env.read())
    _empty(programs.metrics_folder(settings.home))
    with Supervisor(_log()) as supervisor:
        _start_servers(supervisor, settings)
        credentials = kept_files.read(settings.home / kept_files.CREDENTIALS)
        if not prepared.holds(settings):
            if supervisor.run(programs.setup(settings)):
                raise CannotStart("the database could not be set up; the reason is above.")
            prepared.remember(settings)
        for program in programs.needed(settings):
            supervisor.keep(program)
        ready = supervisor.wait(lambda: _ready(settings), seconds=_WEB_SECONDS)
        supervisor.keep(programs.flower(settings))
        new = kept_files.read(settings.home / kept_files.CREDENTIALS)
        sys.stdout.write(banner.text(settings, credentials=new, first=new != credentials, ready=ready))
        sys.stdout.flush()
        supervisor.serve()


def _log() -> Output:
    return Output(
        sys.stdout.buffer,
        names=programs.NAMES,
        coloured=sys.stdout.isatty() and not os.environ.get("NO_COLOR"),
    )


def _start_servers(supervisor: Supervisor, settings: Env) -> None:
    """Both at once: each needs a moment to come up."""
    _make_socket_folder(settings.home)
    servers = []
    if not settings.database_url:
        servers.append(postgres.prepare(settings.home))
        supervisor.keep(_program(servers[-1]))
    if not settings.redis_url:
        servers.append(redis.prepare(settings.home))
        supervisor.keep(_program(servers[-1]))
    for server in servers:
        _wait_for(server, supervisor)


def _make_socket_folder(folder: Path) -> None:
    sockets = locations.sockets(folder)
    if not sockets.exists():
        sockets.mkdir(mode=0o700)


def _empty(folder: Path) -> None:
    """Counters of processes that are gone would be added to those of today's."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)


def _program(server: Server) -> Program:
    return Program(
        name=server.name,
        command=server.command,
        environment=os.environ | server.environment,
        stop_signal=server.stop_signal,
        death_signal=server.stop_signal,  # a SIGKILL would leave Postgres's backends to find out for themselves
        server=True,
    )


def _wait_for(server: Server, supervisor: Supervisor) -> None:
    up = supervisor.wait(lambda: server.answers() or not supervisor.alive(server.name), seconds=_SERVER_SECONDS)
    if not up or not server.answers():
        raise CannotStart(
            f"{server.name} does not come up; what it says is above. Mend that, or use a server of your own with "
            f"{'DATABASE_URL' if server.name == 'postgres' else 'REDIS_URL'}."
        )


def _ready(settings: Env) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - what "all" is reached by
    connection = http.client.HTTPConnection(host, settings.port, timeout=1)
    try:
        connection.request("GET", "/health/ready", headers={"Host": f"localhost:{settings.port}"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
