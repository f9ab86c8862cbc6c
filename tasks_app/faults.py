"""Named points at which a test may stop, delay or kill the process. Nothing happens there otherwise."""

from collections.abc import Callable

_planted: dict[str, Callable[[], None]] = {}


def hit(point: str) -> None:
    """Do what was planted at `point`; nothing in production, where nothing is ever planted."""
    if _planted and (action := _planted.get(point)):
        action()


def plant(point: str, action: Callable[[], None]) -> None:
    _planted[point] = action


def clear() -> None:
    _planted.clear()
