"""Which time zones exist, and what their rules are.

The rules come from the pinned `tzdata` package alone, never from the machine: zone rules change several times a year,
and two hosts with different system databases would plan different instants for one task (Europe/Chisinau changes at
01:00 UTC since 2022, but only in tzdata 2026a and later). Hence the search path is emptied here, at import.
"""

import functools
import zoneinfo
from zoneinfo import ZoneInfo

from schedules.errors import InvalidSchedule

zoneinfo.reset_tzpath(())
ZoneInfo.clear_cache()


@functools.cache
def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name, spelt exactly; anything else raises `InvalidSchedule` on `timezone`."""
    if name not in _names():
        shown = name if len(name) <= 64 else name[:61] + "..."
        raise InvalidSchedule(
            "timezone", f"{shown!r} is not an IANA time zone: use a name such as Europe/Chisinau or UTC"
        )
    return ZoneInfo(name)


@functools.cache
def _names() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones() - {"Factory"})
