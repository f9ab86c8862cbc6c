"""The limits and periods this application works with, read at call time so that tests can change them."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings


@dataclass(frozen=True, kw_only=True)
class Conf:
    """What `settings.ORDINAUT` holds."""

    default_timezone: str = "UTC"
    min_cadence: timedelta = timedelta(seconds=1)
    http_allow: tuple[str, ...] = ()
    token_key: str = ""
    token_lifetime: timedelta = timedelta(minutes=15)
    worker_threads: int = 50
    watch_threads: int = 16
    lease: timedelta = timedelta(seconds=30)
    heartbeat: timedelta = timedelta(seconds=5)
    poll: timedelta = timedelta(seconds=1)
    stop_grace: timedelta = timedelta(seconds=8)
    ageing: timedelta = timedelta(seconds=60)
    retention: timedelta = timedelta(days=30)
    calendar_refresh: timedelta = timedelta(hours=6)


def conf() -> Conf:
    configured: Conf = settings.ORDINAUT
    return configured
