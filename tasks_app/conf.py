"""The limits and periods this application works with, read at call time so that tests can change them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings

from pipelines.tools import LlmSettings
from pipelines.transports.entry import StdioServer
from tasks_app.api_limits import USUAL
from tasks_app.rate_limits import RateLimit


@dataclass(frozen=True, kw_only=True)
class Conf:
    """What `settings.ORDINAUT` holds."""

    default_timezone: str = "UTC"
    public_url: str = "http://localhost:8080"
    min_cadence: timedelta = timedelta(seconds=1)
    http_allow: tuple[str, ...] = ()
    token_key: str = ""
    secrets_keys: tuple[str, ...] = field(default=(), repr=False)
    token_lifetime: timedelta = timedelta(minutes=15)
    login_lifetime: timedelta = timedelta(days=30)
    worker_threads: int = 200
    watch_threads: int = 16
    lease: timedelta = timedelta(seconds=30)
    heartbeat: timedelta = timedelta(seconds=5)
    stuck: timedelta = timedelta(seconds=10)
    poll: timedelta = timedelta(seconds=1)
    stop_grace: timedelta = timedelta(seconds=8)
    ageing: timedelta = timedelta(seconds=60)
    retention: timedelta = timedelta(days=30)
    event_retention: timedelta = timedelta(days=30)
    ledger_retention: timedelta = timedelta(days=30)
    audit_retention: timedelta | None = None
    calendar_refresh: timedelta = timedelta(hours=6)
    breaker_percent: int = 50
    breaker_calls: int = 10
    breaker_cooldown: timedelta = timedelta(seconds=30)
    breaker_patience: timedelta = timedelta(hours=1)
    retry_percent: int = 10
    made_tasks_per_day: int = 1000
    tasks_per_agent: int = 100_000
    calendars_per_agent: int = 1000
    webhook_patience: timedelta = timedelta(days=1)
    streams: int = 200
    streams_per_agent: int = 10
    rate_limits: Mapping[str, RateLimit] = field(default_factory=dict)
    api_limits: Mapping[str, int] = field(default_factory=lambda: USUAL)
    python_tools: Mapping[str, str] = field(default_factory=dict)
    llm: LlmSettings | None = None
    mcp_servers: Mapping[str, StdioServer] = field(default_factory=dict)


def conf() -> Conf:
    configured: Conf = settings.ORDINAUT
    return configured
