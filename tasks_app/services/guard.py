"""Guard: what a caller wants to hold of a row before it is changed, judged while nobody else can change it."""

from typing import Any, Protocol

from tasks_app.exceptions import OrdinautError


class PreconditionFailed(OrdinautError):
    """The row is not as the caller has seen it."""


class Guard(Protocol):
    def __call__(self, present: Any) -> None:
        """Raises `PreconditionFailed`. Called with the locked row, in the transaction that changes it."""


def unguarded(present: Any) -> None:
    """Nothing has to hold."""
