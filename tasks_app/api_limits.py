"""How often the API may be asked in a minute, by what is asked for: what `ORDINAUT_API_LIMITS` says."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# read, write: of one agent; costly: of one agent, what takes long to compute; login: of one address.
USUAL: Final[Mapping[str, int]] = MappingProxyType({"read": 12_000, "write": 6_000, "costly": 120, "login": 120})
_LIMIT: Final = re.compile(r"(?P<name>[a-z]+)=(?P<most>[1-9][0-9]{0,8})", re.ASCII)


def parse(entries: list[str]) -> Mapping[str, int]:
    """Requests a minute by class, from entries such as `read=600`; a class that is not named keeps its usual limit.

    Raises `ValueError`, naming the entry, for one that is none, or whose class is unknown or comes twice.
    """
    given: dict[str, int] = {}
    for entry in entries:
        found = _LIMIT.fullmatch(entry.strip())
        if found is None or found["name"] not in USUAL or found["name"] in given:
            raise ValueError(f"{entry.strip()!r} is no limit: write {'=1000,'.join(USUAL)}=1000, each class once")
        given[found["name"]] = int(found["most"])
    return {**USUAL, **given}
