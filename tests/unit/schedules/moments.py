"""Short ways to write moments."""

from collections.abc import Iterable
from datetime import UTC, datetime

from schedules import Schedule


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def shown(instants: Iterable[datetime]) -> list[str]:
    """Local times with their offsets, to the minute."""
    return [instant.isoformat(timespec="minutes") for instant in instants]


def readings(schedule: Schedule, after: str, limit: int) -> list[str]:
    """The local times after a moment given in UTC."""
    return [instant.strftime("%Y-%m-%d %H:%M") for instant in schedule.after(utc(after), limit)]
