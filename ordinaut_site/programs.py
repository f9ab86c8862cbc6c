"""Which programs make up the platform, and with what each is started."""

import os
import sys
from pathlib import Path

from ordinaut_site.embedded import locations
from ordinaut_site.env import BASE_DIR, Env
from ordinaut_site.supervisor import Program

NAMES = ("postgres", "redis", "setup", "beat", "worker", "flower", "web")
_WEB_CONNECTIONS = "10"


def metrics_folder(home: Path) -> Path:
    """Where the processes put their counters, for `/metrics` to add up."""
    return home / "metrics"


def setup(env: Env) -> Program:
    return _python("setup", "manage.py", "prepare", env=env)


def needed(env: Env) -> list[Program]:
    """In the order of their start; they stop in the reverse one."""
    return [
        # The standing duties and the relay are threads of beat.
        _celery("beat", env=env),
        # Nobody reads what workers would tell each other at start, and asking costs a second.
        _celery("worker", "--without-mingle", "--without-gossip", env=env),
        _python(
            "web",
            *("-m", "uvicorn", "ordinaut_site.asgi:application", "--http", "ordinaut_site.http_protocol:Protocol"),
            *("--host", env.host, "--port", str(env.port)),
            *("--lifespan", "off", "--no-server-header", "--no-proxy-headers", "--no-access-log"),
            *("--timeout-graceful-shutdown", "5", "--log-level", "warning"),
            *(("--workers", str(env.web_processes)) if env.web_processes > 1 else ()),
            env=env,
            ORDINAUT_DATABASE_POOL=os.environ.get("ORDINAUT_DATABASE_POOL", _WEB_CONNECTIONS),
        ),
    ]


def flower(env: Env) -> Program:
    """Apart from the others: nothing waits for it, and it would take its share of the processors while they start."""
    return _celery(
        "flower",
        f"--unix_socket={locations.flower_socket(env.home)}",
        "--url_prefix=flower",
        "--read_only=True",
        env=env,
        # Whoever reaches the socket came through Django's login.
        FLOWER_UNAUTHENTICATED_API="true",
    )


def _celery(name: str, *options: str, env: Env, **more: str) -> Program:
    return _python(name, "-m", "celery", "--quiet", "-A", "ordinaut_site", name, *options, env=env, **more)


def _python(name: str, *words: str, env: Env, **more: str) -> Program:
    own = {
        "ORDINAUT_HOME": str(env.home),
        "ORDINAUT_HTTP_ALLOW": ",".join([*env.http_allow, f"127.0.0.1:{env.port}"]),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics_folder(env.home)),
        "PYTHONUNBUFFERED": "1",
        # Its reason is pickle, which is switched off.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges:UserWarning",
    }
    return Program(name=name, command=(sys.executable, *words), environment=os.environ | own | more, folder=BASE_DIR)
