"""How often something outside may be called: what `ORDINAUT_RATE_LIMITS` says."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LIMIT: Final = re.compile(r"(?P<name>[^=\s]{1,260})=(?P<count>[1-9][0-9]{0,6})/(?P<unit>[smhd])", re.ASCII)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most one call of `name` each `seconds`. The name is a tool's address, a host, or a host and its port."""

    name: str
    seconds: float


def parse(entries: list[str]) -> dict[str, RateLimit]:
    """Limits by name, from entries such as `http.request=50/s`, `api.example.org=5/s`, `llm.generate=60/m`.

    Raises `ValueError`, naming the entry, for one that is none or whose name comes twice.
    """
    limits: dict[str, RateLimit] = {}
    for entry in entries:
        found = _LIMIT.fullmatch(entry.strip())
        if found is None:
            raise ValueError(f"{entry.strip()!r} is no rate limit: write name=count/s, or /m, /h, /d")
        name = found["name"].lower()
        if name in limits:
            raise ValueError(f"{name!r} has two rate limits")
        limits[name] = RateLimit(name, _SECONDS[found["unit"]] / int(found["count"]))
    return limits


def that_hold(limits: Mapping[str, RateLimit], *, tool: str, destination: str) -> list[RateLimit]:
    """Those that a call has to keep: its tool's, and those of the host and of the host and port that it goes to."""
    return [limits[name] for name in _names(tool, destination) if name in limits] if limits else []


def _names(tool: str, destination: str) -> Iterator[str]:
    yield tool
    _, _, place = destination.partition(" ")
    if place:
        yield place
        yield place.rpartition(":")[0].strip("[]")
