"""Outage: whether an error says that Postgres is away, rather than that what it was asked is wrong."""

import psycopg
from django.db import InterfaceError, InternalError, OperationalError


def is_outage(error: BaseException) -> bool:
    """Whether another connection may meet a Postgres that answers: what was asked then stays as it is.

    One that only reads (25006) was the primary until lately: a connection that lived on leads to it for ever.
    """
    if isinstance(error, InternalError):
        return isinstance(error.__cause__, psycopg.errors.ReadOnlySqlTransaction)
    return isinstance(error, OperationalError | InterfaceError)
