"""What the environment says, parsed once into a typed object.

A variable `X` may also be given as `X_FILE`, the path of a file that holds it. What neither names comes
from `$ORDINAUT_HOME/secrets.env` (written by `manage.py up`), then from the default here.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

from ordinaut_site import kept_files
from pipelines.tools.llm_generate import LlmSettings, llm_generate
from schedules import InvalidSchedule
from schedules.zones import zone
from tasks_app import mcp_servers, python_tools, rate_limits, token_keys

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
    token_key: str  # PEM of an Ed25519 private key, or of several
    secrets_keys: list[str]  # Fernet keys: the first one encrypts, all of them decrypt
    token_seconds: int
    login_days: int
    default_timezone: str
    min_cadence_seconds: int
    http_allow: list[str]  # host:port pairs that the SSRF guard lets through
    worker_processes: int
    worker_threads: int
    watch_threads: int
    lease_seconds: int
    heartbeat_seconds: int
    stuck_seconds: int
    poll_seconds: float
    stop_seconds: int
    ageing_seconds: int
    retention_days: int
    event_retention_days: int  # 0: as long as runs
    ledger_retention_days: int  # 0: as long as runs
    audit_retention_days: int  # 0: for ever
    calendar_refresh_seconds: int
    breaker_percent: int
    breaker_calls: int
    breaker_seconds: int
    breaker_patience_seconds: int
    retry_percent: int
    made_tasks_per_day: int
    rate_limits: list[str]  # name=count/unit
    python_tools: list[str]  # name=package.module:function
    llm_url: str  # empty: no language model
    llm_model: str
    llm_key: str
    llm_dollars_per_million_in: float
    llm_dollars_per_million_out: float
    mcp_servers: str  # JSON: programs by name
    webhook_patience_seconds: int
    streams: int
    streams_per_agent: int
    log_level: str
    log_json: bool


def read(environment: Mapping[str, str] | None = None) -> Env:
    """Read the environment; a value that makes no sense raises `ImproperlyConfigured` naming its variable."""
    given = dict(os.environ if environment is None else environment)
    home = Path(given.get("ORDINAUT_HOME") or BASE_DIR / ".ordinaut").expanduser().resolve()
    env = _Reader()
    env.ENVIRON = FileAwareMapping(_secrets_of(home) | given)
    port = env.int("PORT", default=8080)
    settings = Env(
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
        secrets_keys=env.list("ORDINAUT_SECRETS_KEY", default=[]),
        token_seconds=env.int("ORDINAUT_TOKEN_SECONDS", default=900),
        login_days=env.int("ORDINAUT_LOGIN_DAYS", default=30),
        default_timezone=env.str("ORDINAUT_DEFAULT_TIMEZONE", default="UTC"),
        min_cadence_seconds=env.int("ORDINAUT_MIN_CADENCE_SECONDS", default=1),
        http_allow=env.list("ORDINAUT_HTTP_ALLOW", default=[]),
        worker_processes=env.int("ORDINAUT_WORKER_PROCESSES", default=min(os.cpu_count() or 1, 4)),
        worker_threads=env.int("ORDINAUT_WORKER_THREADS", default=200),
        watch_threads=env.int("ORDINAUT_WATCH_THREADS", default=16),
        lease_seconds=env.int("ORDINAUT_LEASE_SECONDS", default=30),
        heartbeat_seconds=env.int("ORDINAUT_HEARTBEAT_SECONDS", default=5),
        stuck_seconds=env.int("ORDINAUT_STUCK_SECONDS", default=10),
        poll_seconds=env.float("ORDINAUT_POLL_SECONDS", default=1.0),
        stop_seconds=env.int("ORDINAUT_STOP_SECONDS", default=8),
        ageing_seconds=env.int("ORDINAUT_AGEING_SECONDS", default=60),
        retention_days=env.int("ORDINAUT_RETENTION_DAYS", default=30),
        event_retention_days=env.int("ORDINAUT_EVENT_RETENTION_DAYS", default=0),
        ledger_retention_days=env.int("ORDINAUT_LEDGER_RETENTION_DAYS", default=0),
        audit_retention_days=env.int("ORDINAUT_AUDIT_RETENTION_DAYS", default=0),
        calendar_refresh_seconds=env.int("ORDINAUT_CALENDAR_REFRESH_SECONDS", default=21_600),
        breaker_percent=env.int("ORDINAUT_BREAKER_PERCENT", default=50),
        breaker_calls=env.int("ORDINAUT_BREAKER_CALLS", default=10),
        breaker_seconds=env.int("ORDINAUT_BREAKER_SECONDS", default=30),
        breaker_patience_seconds=env.int("ORDINAUT_BREAKER_PATIENCE_SECONDS", default=3600),
        retry_percent=env.int("ORDINAUT_RETRY_PERCENT", default=10),
        made_tasks_per_day=env.int("ORDINAUT_MADE_TASKS_PER_DAY", default=1000),
        rate_limits=env.list("ORDINAUT_RATE_LIMITS", default=[]),
        python_tools=env.list("ORDINAUT_PYTHON_TOOLS", default=[]),
        llm_url=env.str("ORDINAUT_LLM_URL", default=""),
        llm_model=env.str("ORDINAUT_LLM_MODEL", default=""),
        llm_key=env.str("ORDINAUT_LLM_KEY", default="").strip(),  # a file ends with a line break
        llm_dollars_per_million_in=env.float("ORDINAUT_LLM_DOLLARS_PER_MILLION_IN", default=0.0),
        llm_dollars_per_million_out=env.float("ORDINAUT_LLM_DOLLARS_PER_MILLION_OUT", default=0.0),
        mcp_servers=env.str("ORDINAUT_MCP_SERVERS", default=""),
        webhook_patience_seconds=env.int("ORDINAUT_WEBHOOK_PATIENCE_SECONDS", default=86_400),
        streams=env.int("ORDINAUT_STREAMS", default=200),
        streams_per_agent=env.int("ORDINAUT_STREAMS_PER_AGENT", default=10),
        log_level=env.str("ORDINAUT_LOG_LEVEL", default="INFO").upper(),
        log_json=env.get_value("ORDINAUT_LOG_JSON", cast=_boolean, default=False),
    )
    for name, makes_sense, cure in _rules(settings):
        if not makes_sense:
            raise ImproperlyConfigured(f"{name} makes no sense: {cure}, or unset it for the default.")
    return settings


def _rules(env: Env) -> Iterator[tuple[str, bool, str]]:
    """The variable, whether its value makes sense, and what to give if not. `PORT` is checked where it is bound."""
    yield "ORDINAUT_DATABASE_POOL", env.database_pool >= 0, "give a number of connections, or 0 for none"
    yield "ORDINAUT_PUBLIC_URL", re.match("https?://.", env.public_url) is not None, "give a URL with http(s)://"
    cure = "give an Ed25519 private key in PEM, as `openssl genpkey -algorithm ed25519` makes, or several one after the other"
    yield "ORDINAUT_TOKEN_KEY", not env.token_key or _are_token_keys(env.token_key), cure
    cure = "give Fernet keys (32 random bytes in URL-safe base64), separated by commas, the one that encrypts first"
    yield "ORDINAUT_SECRETS_KEY", all(map(_is_secrets_key, env.secrets_keys)), cure
    yield "ORDINAUT_TOKEN_SECONDS", 1 <= env.token_seconds <= 86_400, "give 1 to 86400 seconds"
    yield "ORDINAUT_LOGIN_DAYS", 1 <= env.login_days <= 365, "give 1 to 365 days"
    yield "ORDINAUT_DEFAULT_TIMEZONE", _is_zone(env.default_timezone), "give an IANA name such as Europe/Chisinau"
    yield "ORDINAUT_MIN_CADENCE_SECONDS", 1 <= env.min_cadence_seconds <= 86_400, "give 1 to 86400 seconds"
    yield "ORDINAUT_HTTP_ALLOW", all(map(_HOST_AND_PORT.fullmatch, env.http_allow)), "give host:port,host:port"
    yield "ORDINAUT_WORKER_PROCESSES", env.worker_processes >= 1, "give 1 or more"
    yield "ORDINAUT_WORKER_THREADS", 1 <= env.worker_threads <= 1000, "give 1 to 1000"
    yield "ORDINAUT_WATCH_THREADS", env.watch_threads >= 1, "give 1 or more"
    yield "ORDINAUT_HEARTBEAT_SECONDS", env.heartbeat_seconds >= 1, "give 1 second or more"
    # A worker trusts its lease until five seconds before the end, and one heartbeat may fail.
    shortest = 2 * env.heartbeat_seconds + 5
    yield (
        "ORDINAUT_LEASE_SECONDS",
        env.lease_seconds >= shortest,
        f"give {shortest} seconds or more beside this heartbeat",
    )
    yield "ORDINAUT_STUCK_SECONDS", 3 <= env.stuck_seconds <= 3600, "give 3 to 3600 seconds"
    yield "ORDINAUT_POLL_SECONDS", 0.1 <= env.poll_seconds <= 60, "give 0.1 to 60 seconds"
    yield "ORDINAUT_STOP_SECONDS", env.stop_seconds >= 0, "give 0 seconds or more"
    yield "ORDINAUT_AGEING_SECONDS", env.ageing_seconds >= 1, "give 1 second or more"
    yield "ORDINAUT_RETENTION_DAYS", env.retention_days >= 1, "give 1 day or more"
    for name, days in (
        ("ORDINAUT_EVENT_RETENTION_DAYS", env.event_retention_days),
        ("ORDINAUT_LEDGER_RETENTION_DAYS", env.ledger_retention_days),
    ):
        yield name, days >= 0, "give 1 day or more, or 0 to keep them as long as runs"
    kept = env.audit_retention_days
    yield "ORDINAUT_AUDIT_RETENTION_DAYS", kept == 0 or kept > 30, "give 31 days or more, or 0 to keep it for ever"
    yield "ORDINAUT_CALENDAR_REFRESH_SECONDS", env.calendar_refresh_seconds >= 60, "give 60 seconds or more"
    yield "ORDINAUT_BREAKER_PERCENT", 1 <= env.breaker_percent <= 100, "give 1 to 100 percent"
    yield "ORDINAUT_BREAKER_CALLS", env.breaker_calls >= 1, "give 1 call or more"
    yield "ORDINAUT_BREAKER_SECONDS", 1 <= env.breaker_seconds <= 300, "give 1 to 300 seconds"
    yield "ORDINAUT_BREAKER_PATIENCE_SECONDS", env.breaker_patience_seconds >= 0, "give 0 seconds or more"
    yield "ORDINAUT_RETRY_PERCENT", 0 <= env.retry_percent <= 100, "give 0 to 100 percent"
    yield "ORDINAUT_MADE_TASKS_PER_DAY", env.made_tasks_per_day >= 0, "give 0 tasks or more"
    yield "ORDINAUT_RATE_LIMITS", _are_rate_limits(env.rate_limits), "give name=count/s,name=count/m, each name once"
    cure = "give name=package.module:function,name=package.module:function, each name once"
    yield "ORDINAUT_PYTHON_TOOLS", _are_python_tools(env.python_tools), cure
    cure = "give the base URL of an OpenAI-compatible API, such as http://127.0.0.1:11434/v1"
    yield "ORDINAUT_LLM_URL", not env.llm_url or _serves_a_model(env.llm_url), cure
    yield "ORDINAUT_LLM_MODEL", bool(env.llm_model) or not env.llm_url, "give the name of a model of ORDINAUT_LLM_URL"
    for name, dollars in (
        ("ORDINAUT_LLM_DOLLARS_PER_MILLION_IN", env.llm_dollars_per_million_in),
        ("ORDINAUT_LLM_DOLLARS_PER_MILLION_OUT", env.llm_dollars_per_million_out),
    ):
        yield name, 0 <= dollars <= 1_000_000, "give US dollars for a million tokens, such as 0.15"
    cure = 'give {"name": {"command": ["program", "argument"], "env": {"NAME": "value"}}}'
    yield "ORDINAUT_MCP_SERVERS", _are_mcp_servers(env.mcp_servers), cure
    yield "ORDINAUT_WEBHOOK_PATIENCE_SECONDS", env.webhook_patience_seconds >= 60, "give 60 seconds or more"
    yield "ORDINAUT_STREAMS", 1 <= env.streams <= 10_000, "give 1 to 10000"
    yield "ORDINAUT_STREAMS_PER_AGENT", env.streams_per_agent >= 1, "give 1 or more"
    yield "ORDINAUT_LOG_LEVEL", env.log_level in _LOG_LEVELS, f"give {', '.join(_LOG_LEVELS)}"


_LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")
_HOST_AND_PORT: Final = re.compile(r".+:\d{1,5}", re.ASCII)


def _are_token_keys(text: str) -> bool:
    try:
        token_keys.parse(text)
    except token_keys.NotATokenKey:
        return False
    return True


def _is_secrets_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _is_zone(name: str) -> bool:
    try:
        zone(name)
    except InvalidSchedule:
        return False
    return True


def _are_rate_limits(entries: list[str]) -> bool:
    try:
        rate_limits.parse(entries)
    except ValueError:
        return False
    return True


def _are_python_tools(entries: list[str]) -> bool:
    try:
        python_tools.parse(entries)
    except ValueError:
        return False
    return True


def _serves_a_model(url: str) -> bool:
    try:
        llm_generate(LlmSettings(url=url, model="any"))
    except ValueError:
        return False
    return True


def _are_mcp_servers(text: str) -> bool:
    try:
        mcp_servers.parse(text)
    except (ValueError, RecursionError):
        return False
    return True


def _boolean(text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise ValueError(text)
    return text.lower() in _TRUE


_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0", ""})


class _Reader(environ.Env):  # type: ignore[misc]
    """Names the variable whose value cannot be read, which the bare `ValueError` of a cast does not."""

    def get_value(self, var: str, cast: Any = None, **options: Any) -> Any:
        try:
            return super().get_value(var, cast=cast, **options)
        except ValueError as error:
            kind = {int: "a whole number", float: "a number", _boolean: "true or false"}[cast]
            raise ImproperlyConfigured(f"{var} is not {kind}: mend it, or unset it for the default.") from error


def _secrets_of(home: Path) -> dict[str, str]:
    """What `manage.py up` made at its first start; nothing elsewhere."""
    path = home / kept_files.SECRETS
    try:
        return kept_files.read(path)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path} cannot be read ({error.strerror}): give this user the right to, or choose another folder with "
            "ORDINAUT_HOME."
        ) from error
