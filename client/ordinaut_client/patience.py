"""How long a request waits for a platform that is busy (429) or away for a moment (503), as its `Retry-After` asks."""

import time
from collections.abc import Callable
from typing import Final

import httpx

LATER: Final = frozenset({429, 503})


class Patient(httpx.BaseTransport):
    """Asks again when the answer says when, for `seconds` in all; after that, the answer is what it is."""

    def __init__(
        self, inner: httpx.BaseTransport, *, seconds: float, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._inner = inner
        self._seconds = seconds
        self._sleep = sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        left = self._seconds
        while True:
            answer = self._inner.handle_request(request)
            wait = _asked_wait(answer)
            if wait is None or wait > left:
                return answer
            answer.close()
            left -= wait
            self._sleep(wait)

    def close(self) -> None:
        self._inner.close()


def _asked_wait(answer: httpx.Response) -> float | None:
    """Seconds, at least one; None where nothing says that asking again would help."""
    asked = answer.headers.get("Retry-After", "")
    if answer.status_code not in LATER or not (asked.isascii() and asked.isdigit()):
        return None
    return max(float(asked), 1.0)
