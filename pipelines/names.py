"""Which names does a pipeline give its steps, and may an expression name what it names?"""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

from pipelines.expressions import times
from pipelines.expressions.references import Path, path_text

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_NAME_RULE = "begins with a letter or _, goes on with letters, digits, _ or -, and has at most 64 characters"
_ROOTS = ("params", "steps", "event", "probe", "trigger", "task", "run", "agent", "item", *sorted(times.TIME_WORDS))


class Names:
    """The names by which steps can be addressed. Faults go to `report`, each with its pointer and message."""

    def __init__(self, report: Callable[[str, str], None]) -> None:
        self.reads_clock = False  # whether a path that was checked begins with the time
        self._report = report
        self._taken: dict[str, tuple[int, str]] = {}  # by the step at this position, at this pointer

    def take(self, name: Any, position: int, pointer: str) -> None:
        """Let the step at `position` be called so."""
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self._report(pointer, f"is not a name: a name {_NAME_RULE}")
        elif name in self._taken:
            self._report(pointer, f"{name!r} is already taken at {self._taken[name][1]}; choose another name")
        else:
            self._taken[name] = (position, pointer)

    def check_path(self, path: Path, position: int, place: str) -> None:
        """Report a path that cannot be there when the step at `position` begins."""
        root = path[0]
        if root in times.TIME_WORDS:
            self.reads_clock = True
        elif root not in _ROOTS:
            hint = did_you_mean(str(root), _ROOTS)
            self._report(place, f"`{path_text(path)}`: nothing is called {root!r}{hint}; known are {', '.join(_ROOTS)}")
        elif root == "steps" and len(path) > 1:
            self._check_step_name(path, position, place)

    def _check_step_name(self, path: Path, position: int, place: str) -> None:
        name = path[1]
        visible = [each for each, (owner, _) in self._taken.items() if owner < position]
        if name in visible:
            return
        if name in self._taken:
            self._report(place, f"`{path_text(path)}`: step {name!r} has not run yet here; move it further up")
            return
        known = f"; known here are {', '.join(visible)}" if visible else "; no step runs before this one"
        self._report(
            place, f"`{path_text(path)}`: no step is called {name!r}{did_you_mean(str(name), visible)}{known}"[:500]
        )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint at the known name that is most like this one; empty where none is."""
    close = get_close_matches(name, list(known), n=1)
    return f", did you mean {close[0]!r}?" if close else ""
