"""What must not be shown: the text under a name that says it is a secret."""

import re
from typing import Any, Final

MASK: Final = "***"

_SECRET: Final = re.compile(
    r"authorization|cookie|passw(or)?d|passphrase|secret|credential|token|api[-_]?key|private[-_]?key", re.IGNORECASE
)


def masked(value: Any) -> Any:
    """A copy of a JSON value with `***` for every text whose name speaks of a secret (`Authorization`, `api_key`)."""
    if isinstance(value, dict):
        return {name: _masked_under(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return value


def speaks_of_a_secret(name: str) -> bool:
    """Whether what stands under this name is one, by what it is called."""
    return _SECRET.search(name) is not None


def _masked_under(name: str, value: Any) -> Any:
    if isinstance(value, str) and speaks_of_a_secret(name):
        return MASK
    return masked(value)
