"""Which values of the settings make sense, each with its cure."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from cryptography.fernet import Fernet

from ordinaut_site.single_sign_on import rules as oidc
from pipelines.tools.llm_generate import LlmSettings, llm_generate
from schedules.zones import zone
from tasks_app import api_limits, mcp_servers, python_tools, rate_limits, token_keys

if TYPE_CHECKING:
    from ordinaut_site.env import Env


def of(env: "Env") -> Iterator[tuple[str, bool, str]]:
    """The variable, whether its value makes sense, and what to give if not. `PORT` is checked where it is bound."""
    yield "ORDINAUT_DATABASE_POOL", env.database_pool >= 0, "give a number of connections, or 0 for none"
    yield "ORDINAUT_PUBLIC_URL", re.match("https?://.", env.public_url) is not None, "give a URL with http(s)://"
    yield "ORDINAUT_TRUSTED_PROXIES", 0 <= env.trusted_proxies <= 10, "give 0 to 10"
    cure = "give an Ed25519 private key in PEM, as `openssl genpkey -algorithm ed25519` makes, or several one after the other"
    yield "ORDINAUT_TOKEN_KEY", not env.token_key or _can(token_keys.parse, env.token_key), cure
    cure = "give Fernet keys (32 random bytes in URL-safe base64), separated by commas, the one that encrypts first"
    yield "ORDINAUT_SECRETS_KEY", all(_can(Fernet, key) for key in env.secrets_keys), cure
    yield "ORDINAUT_TOKEN_SECONDS", 1 <= env.token_seconds <= 86_400, "give 1 to 86400 seconds"
    yield "ORDINAUT_LOGIN_DAYS", 1 <= env.login_days <= 365, "give 1 to 365 days"
    yield "ORDINAUT_DEFAULT_TIMEZONE", _can(zone, env.default_timezone), "give an IANA name such as Europe/Chisinau"
    yield "ORDINAUT_MIN_CADENCE_SECONDS", 1 <= env.min_cadence_seconds <= 86_400, "give 1 to 86400 seconds"
    yield "ORDINAUT_HTTP_ALLOW", all(map(_HOST_AND_PORT.fullmatch, env.http_allow)), "give host:port,host:port"
    yield "ORDINAUT_WEB_PROCESSES", 1 <= env.web_processes <= 64, "give 1 to 64"
    yield "ORDINAUT_WEB_THREADS", 1 <= env.web_threads <= 200, "give 1 to 200"
    yield from _of_workers(env)
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
    yield from _of_agents(env)
    yield (
        "ORDINAUT_RATE_LIMITS",
        _can(rate_limits.parse, env.rate_limits),
        "give name=count/s,name=count/m, each name once",
    )
    cure = "give read=12000,write=6000,costly=120,login=120, or some of them: requests a minute"
    yield "ORDINAUT_API_LIMITS", _can(api_limits.parse, env.api_limits), cure
    cure = "give name=package.module:function,name=package.module:function, each name once"
    yield "ORDINAUT_PYTHON_TOOLS", _can(python_tools.parse, env.python_tools), cure
    yield from _of_the_model(env)
    cure = 'give {"name": {"command": ["program", "argument"], "env": {"NAME": "value"}}}'
    yield "ORDINAUT_MCP_SERVERS", _can(mcp_servers.parse, env.mcp_servers), cure
    yield "ORDINAUT_WEBHOOK_PATIENCE_SECONDS", env.webhook_patience_seconds >= 60, "give 60 seconds or more"
    yield "ORDINAUT_STREAMS", 1 <= env.streams <= 10_000, "give 1 to 10000"
    yield "ORDINAUT_STREAMS_PER_AGENT", env.streams_per_agent >= 1, "give 1 or more"
    if env.oidc_issuer:
        yield from _of_single_sign_on(env)
    yield "ORDINAUT_LOG_LEVEL", env.log_level in _LOG_LEVELS, f"give {', '.join(_LOG_LEVELS)}"


def _of_workers(env: "Env") -> Iterator[tuple[str, bool, str]]:
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


def _of_agents(env: "Env") -> Iterator[tuple[str, bool, str]]:
    yield "ORDINAUT_MADE_TASKS_PER_DAY", env.made_tasks_per_day >= 0, "give 0 tasks or more"
    yield "ORDINAUT_TASKS_PER_AGENT", env.tasks_per_agent >= 1, "give 1 task or more"
    yield "ORDINAUT_CALENDARS_PER_AGENT", env.calendars_per_agent >= 1, "give 1 calendar or more"


def _of_the_model(env: "Env") -> Iterator[tuple[str, bool, str]]:
    cure = "give the base URL of an OpenAI-compatible API, such as http://127.0.0.1:11434/v1"
    yield "ORDINAUT_LLM_URL", not env.llm_url or _can(_model_at, env.llm_url), cure
    yield "ORDINAUT_LLM_MODEL", bool(env.llm_model) or not env.llm_url, "give the name of a model of ORDINAUT_LLM_URL"
    for name, dollars in (
        ("ORDINAUT_LLM_DOLLARS_PER_MILLION_IN", env.llm_dollars_per_million_in),
        ("ORDINAUT_LLM_DOLLARS_PER_MILLION_OUT", env.llm_dollars_per_million_out),
    ):
        yield name, 0 <= dollars <= 1_000_000, "give US dollars for a million tokens, such as 0.15"


def _of_single_sign_on(env: "Env") -> Iterator[tuple[str, bool, str]]:
    cure = "give the provider's https:// URL as it writes it in its discovery document"
    yield "ORDINAUT_OIDC_ISSUER", oidc.is_safe(env.oidc_issuer), cure
    yield "ORDINAUT_OIDC_CLIENT_ID", bool(env.oidc_client_id), "give what the provider calls this platform"
    yield "ORDINAUT_OIDC_CLIENT_SECRET", bool(env.oidc_client_secret), "give the secret that the provider knows"
    yield "ORDINAUT_OIDC_SCOPES", "openid" in env.oidc_scopes.split(), "give scopes with openid among them"
    yield "ORDINAUT_OIDC_ALGORITHM", env.oidc_algorithm in oidc.ALGORITHMS, f"give {', '.join(oidc.ALGORITHMS)}"
    groups = env.oidc_staff_groups or env.oidc_superuser_groups
    yield "ORDINAUT_OIDC_STAFF_GROUPS", bool(groups), "name a group whose members may come in"


_LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")
_HOST_AND_PORT: Final = re.compile(r".+:\d{1,5}", re.ASCII)


def _can(read: Callable[[Any], object], given: Any) -> bool:
    """Whether it is read without a `ValueError`, of which kind ever."""
    try:
        read(given)
    except (ValueError, RecursionError):
        return False
    return True


def _model_at(url: str) -> object:
    return llm_generate(LlmSettings(url=url, model="any"))
