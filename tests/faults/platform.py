"""The real platform for one fault test: its programs as `make up` starts them, any number of each, on servers of its own.

    platform.workers[0].kill()              # see processes.py for what can be done to a process
    platform.start("worker", ORDINAUT_WORKER_PROCESSES="2")
    platform.start_again(process)           # another in its place, started the same way
    platform.postgres, platform.redis       # processes, too

What leads to Postgres or Redis can be replaced for one process or for all (`DATABASE_URL`, `REDIS_URL`): see proxy.py.
"""

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ordinaut_site import env, programs
from ordinaut_site.embedded import locations, postgres, redis
from ordinaut_site.embedded.server import Server
from ordinaut_site.env import BASE_DIR
from tests.faults.api import Api
from tests.faults.homes import plain_environment
from tests.faults.processes import Process, Recipe

PLANTED = Path(__file__).parent / "planted"
_START_SECONDS = 60


class Platform:
    """Nothing runs until it is started. `environment` is for every program; `start` may be given more for one."""

    def __init__(self, home: Path, *, environment: dict[str, str]) -> None:
        self.home = home
        self.environment = {
            "ORDINAUT_HOME": str(home),
            "ORDINAUT_TOKEN_SECONDS": "86400",
            "ORDINAUT_WORKER_PROCESSES": "1",
            "ORDINAUT_LOG_LEVEL": "WARNING",
            "PYTHONPATH": os.pathsep.join([str(PLANTED), str(BASE_DIR)]),
        } | environment
        self._processes: list[Process] = []
        self._started = 0
        self.ports: list[int] = []
        self.api = Api(self.ports, home)

    @property
    def database_url(self) -> str:
        """Directly to Postgres, past every proxy."""
        return locations.database_url(self.home)

    @property
    def redis_url(self) -> str:
        return locations.redis_url(self.home)

    @property
    def postgres_socket(self) -> Path:
        return locations.sockets(self.home) / ".s.PGSQL.5432"

    @property
    def redis_socket(self) -> Path:
        return locations.sockets(self.home) / "redis.sock"

    @property
    def workers(self) -> list[Process]:
        return self.of_role("worker")

    @property
    def beats(self) -> list[Process]:
        return self.of_role("beat")

    @property
    def webs(self) -> list[Process]:
        return self.of_role("web")

    @property
    def postgres(self) -> Process:
        return self.of_role("postgres")[-1]

    @property
    def redis(self) -> Process:
        return self.of_role("redis")[-1]

    def of_role(self, role: str) -> list[Process]:
        return [process for process in self._processes if process.recipe.role == role]

    def start_postgres(self, *options: str) -> Process:
        """`options` as on Postgres's command line: `--max_connections=20`."""
        return self._serve(postgres.prepare(self.home), "--fsync=off", *options)

    def start_redis(self, *options: str) -> Process:
        """`options` as on Redis's command line: `"--maxmemory", "1mb"`."""
        return self._serve(redis.prepare(self.home), *options)

    def start(self, role: str, *options: str, **environment: str) -> Process:
        """Another worker, beat or web, with further command-line options; its `environment` goes before the platform's."""
        self._started += 1
        given = self.environment | environment
        if role == "web":
            given["PORT"] = str(_free_port())
            self.ports.append(int(given["PORT"]))
        program = {each.name: each for each in programs.needed(env.read(plain_environment() | given))}[role]
        own = {name: value for name, value in program.environment.items() if os.environ.get(name) != value}
        named = ("-n", f"{role}{self._started}@%h") if role == "worker" else ()
        return self._launch(
            Recipe(
                role=role,
                command=(*program.command, *named, *options),
                environment=plain_environment() | given | own | environment,
                folder=BASE_DIR,
                log=self.home / "logs" / f"{role}{self._started}.log",
            )
        )

    def start_program(self, role: str, *command: str, **environment: str) -> Process:
        """A program that is none of the platform's own, under the same environment."""
        return self._launch(
            Recipe(
                role=role,
                command=command,
                environment=plain_environment() | self.environment | environment,
                folder=BASE_DIR,
                log=self.home / "logs" / f"{role}.log",
            )
        )

    def start_again(self, process: Process) -> Process:
        """Another process in the place of one that has ended."""
        assert not process.alive
        self._processes.remove(process)
        return self._launch(process.recipe)

    def wait_until_ready(self) -> None:
        """Every web answers, every worker has taken up its pool, and every beat has begun."""
        self.until(lambda: all(map(self.api.is_ready, self.ports)))
        self.until(lambda: all(worker.pool() for worker in self.workers))

    def until(self, holds: Callable[[], Any], *, seconds: float = _START_SECONDS) -> Any:
        """What `holds` answered when it was first true. Fails with the logs."""
        deadline = time.monotonic() + seconds
        while not (answer := holds()):
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.05)
        return answer

    def logs(self) -> str:
        """The end of each program's log."""
        paths = sorted({process.recipe.log for process in self._processes})
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-2000:]}" for path in paths)

    def end(self) -> None:
        """End whatever still runs, the servers last."""
        servers = [process for process in self._processes if process.recipe.role in ("postgres", "redis")]
        programs_ = [process for process in self._processes if process not in servers]
        for process in programs_:
            if process.alive:
                os.killpg(process.pid, signal.SIGCONT)
                process.send(signal.SIGTERM)
        for process in [*programs_, *servers]:
            process.end()

    def _serve(self, server: Server, *options: str) -> Process:
        recipe = Recipe(
            role=server.name,
            command=(*server.command, *options),
            environment=os.environ,
            folder=None,
            log=self.home / "logs" / f"{server.name}.log",
            stop_signal=server.stop_signal,
            death_signal=server.stop_signal,
        )
        for ended in [process for process in self.of_role(server.name) if not process.alive]:
            self._processes.remove(ended)
        process = self._launch(recipe)
        self.until(lambda: server.answers() or not process.alive)
        assert process.alive, process.log
        return process

    def _launch(self, recipe: Recipe) -> Process:
        process = Process(recipe)
        self._processes.append(process)
        return process


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
