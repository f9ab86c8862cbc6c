"""Where in a transport's settings do secrets stand, and how do they come into what is sent?"""

import re
from collections.abc import Iterator
from typing import Any, Final

from pipelines.errors import StepFailed
from pipelines.transports.entry import Outside, SecretRefused

_PLACE: Final = re.compile(r"\$\{\s*secrets\(\s*'([A-Za-z0-9_.-]{1,100})'\s*\)\s*\}")


def secret_names(settings: Any) -> Iterator[str]:
    """The names of the secrets that a JSON value asks for."""
    if isinstance(settings, str):
        yield from _PLACE.findall(settings)
    elif isinstance(settings, dict):
        for value in settings.values():
            yield from secret_names(value)
    elif isinstance(settings, list):
        for value in settings:
            yield from secret_names(value)


def revealed(text: str, *, host: str, outside: Outside) -> str:
    """`text` with its secrets, for sending to `host` right now: the result is never kept, logged or part of an error.

    Raises `StepFailed` (secret_refused) for a secret that is not there or is not for this host.
    """
    try:
        return _PLACE.sub(lambda place: outside.reveal(place[1], host.lower().rstrip(".")), text)
    except SecretRefused as refused:
        raise StepFailed.permanently("secret_refused", str(refused)) from None
