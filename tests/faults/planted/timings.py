"""How long calls of a function of the platform took: one line of seconds a call, in the file `FAULTS_TIMES`."""

import os
import time
from collections.abc import Callable
from functools import wraps
from typing import Any


def timed(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def timing(*args: Any, **kwargs: Any) -> Any:
        begun = time.monotonic()
        try:
            return function(*args, **kwargs)
        finally:
            with open(os.environ["FAULTS_TIMES"], "a") as file:  # noqa: PTH123 - small, and often
                file.write(f"{time.monotonic() - begun:.6f}\n")

    return timing
