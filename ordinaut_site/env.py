"""What the environment says, parsed once into a typed object.

A variable `X` may also be given as `X_FILE`, the path of a file that holds it. What neither names comes
from `$ORDINAUT_HOME/secrets.env` (written by `manage.py up`), then from the default here.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

BASE_DIR = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Env:
    """The platform's own settings. Every one is described in `docs/configuration.md`."""

    home: Path
    database_url: str  # empty: the embedded Postgres
    redis_url: str  # empty: the embedded Redis
    database_pool: int
    host: str
    port: int
    public_url: str
    allowed_hosts: list[str]
    secret_key: str
    token_key: str  # PEM of an Ed25519 private key
    token_seconds: int
    default_timezone: str
    http_allow: list[str]  # host:port pairs that the SSRF guard lets through
    worker_processes: int
    worker_threads: int
    lease_seconds: int
    heartbeat_seconds: int
    poll_seconds: float
    stop_seconds: int
    retention_days: int
    log_level: str
    log_json: bool


def read(environment: Mapping[str, str] | None = None) -> Env:
    """Read the environment; a malformed value raises `ImproperlyConfigured` naming its variable."""
    given = dict(os.environ if environment is None else environment)
    home = Path(given.get("ORDINAUT_HOME") or BASE_DIR / ".ordinaut").expanduser().resolve()
    env = _Reader()
    env.ENVIRON = FileAwareMapping(_secrets_of(home) | given)
    port = env.int("PORT", default=8080)
    return Env(
        home=home,
        database_url=env.str("DATABASE_URL", default=""),
        redis_url=env.str("REDIS_URL", default=""),
        database_pool=env.int("ORDINAUT_DATABASE_POOL", default=0),
        host=env.str("ORDINAUT_HOST", default="127.0.0.1"),
        port=port,
        public_url=env.str("ORDINAUT_PUBLIC_URL", default=f"http://localhost:{port}"),
        allowed_hosts=env.list("ORDINAUT_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"]),
        secret_key=env.str("ORDINAUT_SECRET_KEY", default=""),
        token_key=env.str("ORDINAUT_TOKEN_KEY", default="", multiline=True),
        token_seconds=env.int("ORDINAUT_TOKEN_SECONDS", default=900),
        default_timezone=env.str("ORDINAUT_DEFAULT_TIMEZONE", default="UTC"),
        http_allow=env.list("ORDINAUT_HTTP_ALLOW", default=[]),
        worker_processes=env.int("ORDINAUT_WORKER_PROCESSES", default=min(os.cpu_count() or 1, 4)),
        worker_threads=env.int("ORDINAUT_WORKER_THREADS", default=50),
        lease_seconds=env.int("ORDINAUT_LEASE_SECONDS", default=30),
        heartbeat_seconds=env.int("ORDINAUT_HEARTBEAT_SECONDS", default=5),
        poll_seconds=env.float("ORDINAUT_POLL_SECONDS", default=1.0),
        stop_seconds=env.int("ORDINAUT_STOP_SECONDS", default=8),
        retention_days=env.int("ORDINAUT_RETENTION_DAYS", default=30),
        log_level=env.str("ORDINAUT_LOG_LEVEL", default="INFO").upper(),
        log_json=env.bool("ORDINAUT_LOG_JSON", default=False),
    )


class _Reader(environ.Env):  # type: ignore[misc]
    """Names the variable whose value cannot be read, which the bare `ValueError` of a cast does not."""

    def get_value(self, var: str, cast: Any = None, **options: Any) -> Any:
        try:
            return super().get_value(var, cast=cast, **options)
        except ValueError as error:
            kind = {int: "a whole number", float: "a number"}.get(cast, "a value of its kind")
            raise ImproperlyConfigured(f"{var} is not {kind}: mend it, or unset it for the default.") from error


def _secrets_of(home: Path) -> dict[str, str]:
    """What `manage.py up` made at its first start; nothing elsewhere."""
    kept: dict[str, str] = {}
    path = home / "secrets.env"
    if path.is_file():
        for line in path.read_text().splitlines():
            name, _, value = line.partition("=")
            kept[name] = value.replace("\\n", "\n")
    return kept
