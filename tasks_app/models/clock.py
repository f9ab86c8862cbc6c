"""The only clock that decides anything: the database's."""

from datetime import UTC, datetime

from django.db import connection


def database_now() -> datetime:
    """The database's time at this moment (UTC), not at the transaction's start."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def as_text(moment: datetime) -> str:
    """As the API, events and the audit write an instant: in UTC, ending in Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
