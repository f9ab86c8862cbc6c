"""A typed client of Ordinaut: `Ordinaut` is the connection, `ordinaut_client.generated.api` has every operation."""

from ordinaut_client.connection import Ordinaut, told
from ordinaut_client.pages import each
from ordinaut_client.refusals import Fault, NotLoggedIn, OrdinautError, Refused, Unreachable
from ordinaut_client.stream import Event, Missed

__all__ = [
    "Event",
    "Fault",
    "Missed",
    "NotLoggedIn",
    "Ordinaut",
    "OrdinautError",
    "Refused",
    "Unreachable",
    "each",
    "told",
]
