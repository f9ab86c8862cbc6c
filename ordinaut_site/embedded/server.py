"""What a server is to those who start, watch and stop it."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Server:
    """A foreground process. `answers` is false until it serves; it neither waits nor raises.

    `environment` is what it is given besides ours.
    """

    name: str
    command: tuple[str, ...]
    stop_signal: signal.Signals
    answers: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
