"""The shape of a calendar's definition: a JSON tree of bounded size, each place known by its pointer."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schedules.calendars.errors import InvalidCalendar

LONGEST_DEFINITION = 512_000  # bytes of JSON
DEEPEST = 8
_MOST = {"nodes": 200, "dates": 5000, "events": 5000, "rules and recurring events": 100}
_LONGEST_TEXT = 200

# The key that says what a node is, and the keys that may stand beside it.
_KINDS: dict[str, frozenset[str]] = {
    "dates": frozenset(),
    "rrule": frozenset({"dtstart", "name"}),
    "country": frozenset({"subdivision"}),
    "weekends": frozenset(),
    "ics": frozenset(),
    "ics_url": frozenset(),
    "calendar": frozenset(),
    "union": frozenset(),
    "difference": frozenset(),
}
_COMBINED = frozenset({"union", "difference"})
_TEXTS = {"rrule": 1000, "country": 10, "calendar": 200, "ics_url": 1000, "ics": LONGEST_DEFINITION}


@dataclass(frozen=True, slots=True)
class Node:
    """A place of the tree: what it is, what stands beside that, and the nodes below it."""

    kind: str
    value: Any
    beside: Mapping[str, Any]
    pointer: str
    children: "Sequence[Node]" = ()

    @property
    def at(self) -> str:
        """Where the value stands."""
        return f"{self.pointer}/{self.kind}"


@dataclass
class Allowance:
    """What the calendar may still hold."""

    left: dict[str, int] = field(default_factory=lambda: dict(_MOST))

    @property
    def events(self) -> int:
        return self.left["events"]

    @property
    def rules(self) -> int:
        return self.left["rules and recurring events"]

    def take(self, what: str, number: int, pointer: str) -> None:
        self.left[what] -= number
        if self.left[what] < 0:
            raise InvalidCalendar(pointer, f"a calendar holds at most {_MOST[what]} {what}: leave some out")


def tree_of(definition: object, allowance: Allowance) -> Node:
    try:
        size = len(json.dumps(definition, ensure_ascii=False, allow_nan=False).encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidCalendar("", "a calendar is plain JSON: text, numbers, lists and objects") from error
    if size > LONGEST_DEFINITION:
        raise InvalidCalendar("", f"a calendar has at most {LONGEST_DEFINITION} bytes of JSON, not {size}")
    return _node(definition, pointer="", depth=1, allowance=allowance)


def _node(raw: object, *, pointer: str, depth: int, allowance: Allowance) -> Node:
    allowance.take("nodes", 1, pointer)
    if depth > DEEPEST:
        raise InvalidCalendar(pointer, f"a calendar is at most {DEEPEST} levels deep: give the inner part a name")
    kind = _kind(raw, pointer)
    assert isinstance(raw, dict)
    beside = {key: value for key, value in raw.items() if key != kind}
    at = f"{pointer}/{kind}"
    if kind not in _COMBINED:
        if kind in _TEXTS:
            check_text(raw[kind], at, longest=_TEXTS[kind])
        return Node(kind, raw[kind], beside, pointer)
    below = raw[kind]
    if not isinstance(below, list) or not below:
        raise InvalidCalendar(at, f"{kind} takes a list of calendars, at least one")
    children = [
        _node(child, pointer=f"{at}/{index}", depth=depth + 1, allowance=allowance) for index, child in enumerate(below)
    ]
    return Node(kind, None, beside, pointer, children)


def _kind(raw: object, pointer: str) -> str:
    if not isinstance(raw, dict):
        raise InvalidCalendar(pointer, f'a calendar is an object such as {{"weekends": true}}: one of {_names()}')
    kinds: list[str] = [key for key in raw if key in _KINDS]
    if len(kinds) != 1:
        found = " and ".join(map(repr, kinds)) or "none of them"
        raise InvalidCalendar(pointer, f"an object has exactly one of {_names()}; here is {found}: use union for both")
    [kind] = kinds
    for key in raw:
        if key != kind and key not in _KINDS[kind]:
            allowed = ", ".join(sorted(_KINDS[kind])) or "nothing"
            raise InvalidCalendar(
                f"{pointer}/{_escaped(key)}", f"{key[:40]!r} is unknown: {allowed} may stand beside {kind}"
            )
    return kind


def nodes_of(root: Node) -> Iterator[Node]:
    yield root
    for child in root.children:
        yield from nodes_of(child)


def check_text(raw: object, pointer: str, *, longest: int = _LONGEST_TEXT) -> None:
    if not isinstance(raw, str) or not raw.strip():
        raise InvalidCalendar(pointer, "this takes a text")
    if len(raw) > longest:
        raise InvalidCalendar(pointer, f"this takes at most {longest} characters")


def _escaped(key: str) -> str:
    return key[:40].replace("~", "~0").replace("/", "~1")


def _names() -> str:
    return ", ".join(_KINDS)
