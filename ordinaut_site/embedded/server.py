"""What a server is to those who start, watch and stop it."""

import signal
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Server:
    """A foreground process. `answers` is false until it serves; it neither waits nor raises."""

    name: str
    command: tuple[str, ...]
    stop_signal: signal.Signals
    answers: Callable[[], bool]
