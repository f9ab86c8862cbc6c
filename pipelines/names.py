"""Which names does a pipeline give its steps, and may an expression name what it names?"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from pipelines.expressions import times
from pipelines.expressions.references import Path, path_text
from pipelines.expressions.refusals import NO_SECRETS

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_NAME_RULE = "begins with a letter or _, goes on with letters, digits, _ or -, and has at most 64 characters"
_LONGEST = 64
_ROOTS = ("params", "steps", "event", "probe", "trigger", "task", "run", "agent", *sorted(times.TIME_WORDS))
OF_AN_ITEM: Final = ("item", "index")  # what there is besides in the body of a foreach


class Names:
    """The names by which the steps of one list can be addressed. Faults go to `report`, each with its pointer and message.

    A list inside a step has `outer` names, those of the list that the step at `outer_position` stands in: it sees what that
    step sees. `extra` are the roots that it has besides.
    """

    def __init__(
        self,
        report: Callable[[str, str], None],
        *,
        outer: "Names | None" = None,
        outer_position: int = 0,
        extra: Iterable[str] = (),
    ) -> None:
        self._report = report
        self._outer = outer
        self._outer_position = outer_position
        self._roots: tuple[str, ...] = (*(outer._roots if outer else _ROOTS), *extra)  # noqa: SLF001 - its own kind
        self._taken: dict[str, tuple[int, str]] = {}  # by the step at this position, at this pointer
        self._sees: Sequence[frozenset[int]] = ()
        self._as_listed = True
        self._reads_clock = False

    @property
    def reads_clock(self) -> bool:
        """Whether a path that was checked, here or in a list inside, begins with the time."""
        return self._reads_clock

    @property
    def positions(self) -> Mapping[str, int]:
        """The position of each step by its names."""
        return {name: position for name, (position, _) in self._taken.items()}

    def take(self, name: Any, position: int, pointer: str) -> None:
        """Let the step at `position` be called so."""
        if not is_name(name):
            self._report(pointer, f"is not a name: a name {_NAME_RULE}")
        elif taken := self.taken_at(name):
            *_, number, field = taken.split("/")
            around = "" if name in self._taken else " of a list around this one"
            step = f"the {field} of step {int(number) + 1}{around}"
            self._report(pointer, f"{name!r} is already taken by {step}; choose another name")
        else:
            self._taken[name] = (position, pointer)

    def let_see(self, sees: Sequence[frozenset[int]], *, as_listed: bool) -> None:
        """Say which steps are done when each begins."""
        self._sees = sees
        self._as_listed = as_listed

    def check_path(self, path: Path, position: int, place: str) -> None:
        """Report a path that cannot be there when the step at `position` begins."""
        root = path[0]
        if root in times.TIME_WORDS:
            self.read_clock()
        elif root not in self._roots:
            self._report(place, f"`{path_text(path)}`: {self._why_no_root(str(root))}")
        elif root == "steps" and len(path) > 1:
            self._check_step_name(path, position, place)

    def read_clock(self) -> None:
        """Note that the time is read here."""
        self._reads_clock = True
        if self._outer:
            self._outer.read_clock()

    def _why_no_root(self, root: str) -> str:
        if root in OF_AN_ITEM:
            return f"{root} is there only in the body of a pipeline.foreach"
        if root == "secrets":
            return NO_SECRETS
        return f"nothing is called {root!r}{did_you_mean(root, self._roots)}; known are {', '.join(self._roots)}"

    def _check_step_name(self, path: Path, position: int, place: str) -> None:
        name = str(path[1])
        visible = self.visible(position)
        if name in visible:
            return
        if self.taken_at(name):
            self._report(place, f"`{path_text(path)}`: {self.why_not_yet(name, position)}")
            return
        known = f"; known here are {', '.join(visible)}" if visible else "; no step runs before this one"
        self._report(
            place, f"`{path_text(path)}`: no step is called {name!r}{did_you_mean(name, visible)}{known}"[:500]
        )

    def why_not_yet(self, name: str, position: int) -> str:
        """Why the step at `position` does not see the one of this name, and what would help."""
        if name not in self._taken:
            assert self._outer is not None, "somebody has taken it"
            return self._outer.why_not_yet(name, self._outer_position)
        if self._as_listed:
            return f"step {name!r} has not run yet here; move it further up"
        owner = self._taken[name][0]
        if owner == position or position in self._sees[owner]:
            return f"step {name!r} runs only after this one has begun"
        return f"step {name!r} may not have run yet here; add {name!r} to depends_on"

    def visible(self, position: int) -> list[str]:
        """The names of the steps that are done when the one at `position` begins."""
        sees = self._sees[position]
        own = [name for name, (owner, _) in self._taken.items() if owner in sees]
        return own + (self._outer.visible(self._outer_position) if self._outer else [])

    def taken_at(self, name: str) -> str:
        """Where the name was given, here or around; empty where it was not."""
        if name in self._taken:
            return self._taken[name][1]
        return self._outer.taken_at(name) if self._outer else ""


def is_name(given: Any) -> bool:
    """Whether a step may be called so."""
    return isinstance(given, str) and bool(NAME.fullmatch(given))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint at the known name that is most like this one; empty where none is."""
    close = get_close_matches(name[:_LONGEST], list(known), n=1)
    return f", did you mean {close[0]!r}?" if close else ""
