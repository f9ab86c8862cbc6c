"""Does a text match a pattern that somebody brought? By RE2, whose time grows with the text alone."""

from functools import lru_cache
from typing import Any, Final

import re2

_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False  # they are raised


class InvalidPattern(ValueError):
    """RE2 does not know such a pattern: look-around and back-references take time without bound."""


@lru_cache(maxsize=2000)
def compiled(pattern: str) -> Any:
    """An object whose `search` answers whether a text holds a match. Raises `InvalidPattern`."""
    try:
        return re2.compile(pattern, _OPTIONS)
    except re2.error as error:
        reason = error.args[0] if error.args else "unknown"
        told = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
        message = f"is no pattern that RE2 knows ({told}); it has no look-around and no back-references"
        raise InvalidPattern(message[:500]) from None


def holds(pattern: str, text: str) -> bool:
    """Whether the pattern matches somewhere in the text."""
    return compiled(pattern).search(text) is not None
