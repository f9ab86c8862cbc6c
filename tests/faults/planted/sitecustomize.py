"""Plants faults in a process of the platform before it begins. Only the harness puts this folder on PYTHONPATH.

`FAULTS_TO_PLANT` is `point=action,point=action`, with the points of `tasks_app/faults.py` and as actions

    kill      SIGKILL to the process itself
    kill:N    the same, at the Nth time that the point is reached
    sleep:S   wait S seconds, each time
    raise     an OperationalError, as of a database that has gone away, each time
    raise:P   the same, with the probability P (0..1), from the seed in `FAULTS_SEED`

With `FAULTS_ONCE`, a path, a killing happens in one process only: the first that makes the file.
With `FAULTS_CLOCK` the process reads a wrong clock: see clocks.py. With `FAULTS_AFTER_IMPORT`, lines of `module: statement`,
a module of the platform is changed as soon as it has been imported: see changes.py.
"""

import itertools
import os
import random
import signal
import time
from collections.abc import Callable

import changes
import clocks

if "FAULTS_CLOCK" in os.environ:  # before anything else is imported that would keep the right clock
    clocks.set_wrong(os.environ["FAULTS_CLOCK"])

from tasks_app import faults


def _action(text: str) -> Callable[[], None]:
    word, _, given = text.partition(":")
    match word:
        case "kill":
            return _kill_at(int(given or 1))
        case "sleep":
            return lambda: time.sleep(float(given))
        case "raise":
            return _raise_with(float(given or 1))
    raise ValueError(f"FAULTS_TO_PLANT: no action is called {text!r}")


def _kill_at(time_reached: int) -> Callable[[], None]:
    reached = itertools.count(1)

    def kill() -> None:
        if next(reached) >= time_reached and _is_ours():
            os.kill(os.getpid(), signal.SIGKILL)

    return kill


def _is_ours() -> bool:
    once = os.environ.get("FAULTS_ONCE")
    if not once:
        return True
    try:
        os.close(os.open(once, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def _raise_with(probability: float) -> Callable[[], None]:
    chance = random.Random(os.environ.get("FAULTS_SEED"))

    def fail() -> None:
        if chance.random() < probability:
            from django.db import OperationalError

            raise OperationalError("planted by the fault tests")

    return fail


for _each in filter(None, os.environ.get("FAULTS_TO_PLANT", "").split(",")):
    _point, _, _what = _each.partition("=")
    faults.plant(_point, _action(_what))

changes.after_import(os.environ.get("FAULTS_AFTER_IMPORT", ""))
