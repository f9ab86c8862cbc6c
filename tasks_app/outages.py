"""Is an error one of the database's that pass, so that the caller should come back?

Away, out of connections, too slow, out of space or failing over: none of them says anything about the request.
"""

from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError

# What psycopg holds for an error of our own (class 25): the server was made a replica, or is one still.
_READ_ONLY: Final = "25006"

# Seconds after which to come back, by SQLSTATE (PostgreSQL, appendix A); those not named here are over sooner.
_PATIENCE: Final = {
    "53100": 30,  # disk_full
    "53200": 5,  # out_of_memory
    "53300": 5,  # too_many_connections
    _READ_ONLY: 10,
}


def is_outage(error: BaseException | None) -> bool:
    """Whether another connection may meet a Postgres that answers: what was asked then stays as it is.

    One that only reads was the primary until lately: a connection that lived on leads to it for ever.
    """
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return isinstance(error, DatabaseError) and _sqlstate(error) == _READ_ONLY


def retry_after(error: BaseException) -> int:
    """Seconds, for the header of that name (RFC 9110, 10.2.3)."""
    return _PATIENCE.get(_sqlstate(error), 1)


def _sqlstate(error: BaseException) -> str:
    """Of the driver's error behind Django's; empty when the server was not heard at all."""
    return getattr(error.__cause__, "sqlstate", None) or ""
