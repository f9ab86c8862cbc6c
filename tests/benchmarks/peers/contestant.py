"""How a peer takes part: see runner.py. It has nothing but the peers' environment, so this imports nothing of ours."""

import os
import resource
import sys
from collections.abc import Callable

URL = os.environ["DATABASE_URL"]


def take_part(prepare: Callable[[int], None], work: Callable[[], None]) -> None:
    if sys.argv[1] == "prepare":
        prepare(int(sys.argv[2]))
        return
    print("ready", flush=True)
    sys.stdin.readline()
    before = _spent()
    work()
    print(_spent() - before, flush=True)


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
