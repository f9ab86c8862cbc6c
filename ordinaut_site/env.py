"""What the environment says, parsed once into a typed object.

A variable `X` may also be given as `X_FILE`, the path of a file that holds it. What neither names comes
from `$ORDINAUT_HOME/secrets.env` (written by `manage.py up`), then from the default here.
"""

import os
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

from ordinaut_site import env_rules, kept_files

BASE_DIR = Path(__file__).resolve().parent.parent


def setting(variable: str, default: Any, *, multiline: bool = False) -> Any:
    """A field that the variable fills, read as the field's type says; multiline: where `\\n` stands for a line break."""
    return field(metadata={"variable": variable, "default": default, "multiline": multiline})


@dataclass(frozen=True, kw_only=True)
class Env:
    """The platform's own settings. Every one is described in `docs/configuration.md`."""

    home: Path
    database_url: str = setting("DATABASE_URL", "")  # empty: the embedded Postgres
    redis_url: str = setting("REDIS_URL", "")  # empty: the embedded Redis
    database_pool: int = setting("ORDINAUT_DATABASE_POOL", 0)
    host: str = setting("ORDINAUT_HOST", "127.0.0.1")
    port: int = setting("PORT", 8080)
    public_url: str = setting("ORDINAUT_PUBLIC_URL", "")  # empty: this machine
    trusted_proxies: int = setting("ORDINAUT_TRUSTED_PROXIES", 0)  # in a row, each adding to X-Forwarded-For
    allowed_hosts: list[str] = setting("ORDINAUT_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
    secret_key: str = setting("ORDINAUT_SECRET_KEY", "")
    token_key: str = setting("ORDINAUT_TOKEN_KEY", "", multiline=True)  # PEM of an Ed25519 private key, or of several
    secrets_keys: list[str] = setting("ORDINAUT_SECRETS_KEY", [])  # Fernet keys: the first encrypts, all decrypt
    token_seconds: int = setting("ORDINAUT_TOKEN_SECONDS", 900)
    login_days: int = setting("ORDINAUT_LOGIN_DAYS", 30)
    default_timezone: str = setting("ORDINAUT_DEFAULT_TIMEZONE", "UTC")
    min_cadence_seconds: int = setting("ORDINAUT_MIN_CADENCE_SECONDS", 1)
    http_allow: list[str] = setting("ORDINAUT_HTTP_ALLOW", [])  # host:port pairs that the SSRF guard lets through
    web_processes: int = setting("ORDINAUT_WEB_PROCESSES", 1)
    web_threads: int = setting("ORDINAUT_WEB_THREADS", 8)
    worker_processes: int = setting("ORDINAUT_WORKER_PROCESSES", min(os.cpu_count() or 1, 4))
    worker_threads: int = setting("ORDINAUT_WORKER_THREADS", 200)
    watch_threads: int = setting("ORDINAUT_WATCH_THREADS", 16)
    lease_seconds: int = setting("ORDINAUT_LEASE_SECONDS", 30)
    heartbeat_seconds: int = setting("ORDINAUT_HEARTBEAT_SECONDS", 5)
    stuck_seconds: int = setting("ORDINAUT_STUCK_SECONDS", 10)
    poll_seconds: float = setting("ORDINAUT_POLL_SECONDS", 1.0)
    stop_seconds: int = setting("ORDINAUT_STOP_SECONDS", 8)
    ageing_seconds: int = setting("ORDINAUT_AGEING_SECONDS", 60)
    retention_days: int = setting("ORDINAUT_RETENTION_DAYS", 30)
    event_retention_days: int = setting("ORDINAUT_EVENT_RETENTION_DAYS", 0)  # 0: as long as runs
    ledger_retention_days: int = setting("ORDINAUT_LEDGER_RETENTION_DAYS", 0)  # 0: as long as runs
    audit_retention_days: int = setting("ORDINAUT_AUDIT_RETENTION_DAYS", 0)  # 0: for ever
    calendar_refresh_seconds: int = setting("ORDINAUT_CALENDAR_REFRESH_SECONDS", 21_600)
    breaker_percent: int = setting("ORDINAUT_BREAKER_PERCENT", 50)
    breaker_calls: int = setting("ORDINAUT_BREAKER_CALLS", 10)
    breaker_seconds: int = setting("ORDINAUT_BREAKER_SECONDS", 30)
    breaker_patience_seconds: int = setting("ORDINAUT_BREAKER_PATIENCE_SECONDS", 3600)
    retry_percent: int = setting("ORDINAUT_RETRY_PERCENT", 10)
    made_tasks_per_day: int = setting("ORDINAUT_MADE_TASKS_PER_DAY", 1000)
    tasks_per_agent: int = setting("ORDINAUT_TASKS_PER_AGENT", 100_000)
    calendars_per_agent: int = setting("ORDINAUT_CALENDARS_PER_AGENT", 1000)
    rate_limits: list[str] = setting("ORDINAUT_RATE_LIMITS", [])  # name=count/unit
    api_limits: list[str] = setting("ORDINAUT_API_LIMITS", [])  # class=requests a minute
    python_tools: list[str] = setting("ORDINAUT_PYTHON_TOOLS", [])  # name=package.module:function
    llm_url: str = setting("ORDINAUT_LLM_URL", "")  # empty: no language model
    llm_model: str = setting("ORDINAUT_LLM_MODEL", "")
    llm_key: str = setting("ORDINAUT_LLM_KEY", "")
    llm_dollars_per_million_in: float = setting("ORDINAUT_LLM_DOLLARS_PER_MILLION_IN", 0.0)
    llm_dollars_per_million_out: float = setting("ORDINAUT_LLM_DOLLARS_PER_MILLION_OUT", 0.0)
    mcp_servers: str = setting("ORDINAUT_MCP_SERVERS", "")  # JSON: programs by name
    webhook_patience_seconds: int = setting("ORDINAUT_WEBHOOK_PATIENCE_SECONDS", 86_400)
    streams: int = setting("ORDINAUT_STREAMS", 200)
    streams_per_agent: int = setting("ORDINAUT_STREAMS_PER_AGENT", 10)
    oidc_issuer: str = setting("ORDINAUT_OIDC_ISSUER", "")  # empty: operators sign in with passwords alone
    oidc_client_id: str = setting("ORDINAUT_OIDC_CLIENT_ID", "")
    oidc_client_secret: str = setting("ORDINAUT_OIDC_CLIENT_SECRET", "")
    oidc_scopes: str = setting("ORDINAUT_OIDC_SCOPES", "openid profile email")
    oidc_algorithm: str = setting("ORDINAUT_OIDC_ALGORITHM", "RS256")
    oidc_groups_claim: str = setting("ORDINAUT_OIDC_GROUPS_CLAIM", "groups")
    oidc_staff_groups: list[str] = setting("ORDINAUT_OIDC_STAFF_GROUPS", [])
    oidc_superuser_groups: list[str] = setting("ORDINAUT_OIDC_SUPERUSER_GROUPS", [])
    log_level: str = setting("ORDINAUT_LOG_LEVEL", "INFO")
    log_json: bool = setting("ORDINAUT_LOG_JSON", False)


def read(environment: Mapping[str, str] | None = None) -> Env:
    """Read the environment; a value that makes no sense raises `ImproperlyConfigured` naming its variable."""
    given = dict(os.environ if environment is None else environment)
    home = Path(given.get("ORDINAUT_HOME") or BASE_DIR / ".ordinaut").expanduser().resolve()
    reader = _Reader()
    reader.ENVIRON = FileAwareMapping(_secrets_of(home) | given)
    env = _tidied(Env(home=home, **{each.name: reader.field(each) for each in fields(Env) if each.metadata}))
    for name, makes_sense, cure in env_rules.of(env):
        if not makes_sense:
            raise ImproperlyConfigured(f"{name} makes no sense: {cure}, or unset it for the default.")
    return env


def _tidied(env: Env) -> Env:
    return replace(
        env,
        public_url=env.public_url or f"http://localhost:{env.port}",
        llm_key=env.llm_key.strip(),  # a file ends with a line break
        oidc_client_secret=env.oidc_client_secret.strip(),
        log_level=env.log_level.upper(),
    )


def _boolean(text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise ValueError(text)
    return text.lower() in _TRUE


_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0", ""})


class _Reader(environ.Env):  # type: ignore[misc]
    """Names the variable whose value cannot be read, which the bare `ValueError` of a cast does not."""

    def field(self, each: Field[Any]) -> Any:
        variable, default = each.metadata["variable"], each.metadata["default"]
        if each.metadata["multiline"]:
            return self.str(variable, default=default, multiline=True)
        cast = _boolean if each.type is bool else list if each.type == list[str] else each.type
        return self.get_value(variable, cast=cast, default=default)

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
