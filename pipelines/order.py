"""In which order do the steps of a list run?

A step with `depends_on` waits for exactly those; a member of a `parallel_group` without it for every step listed before it
that is not of its group; any other step for all that are listed before it.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pipelines.names import did_you_mean, is_name
from pipelines.spec import Order
from pipelines.step_fields import Report

FIELDS: Final = ("depends_on", "parallel_group")
_NO_GROUP: Final = 'is not a name: write a short one, such as "checks", at each step of the group'


def order_of(steps: Sequence[Any], positions: Mapping[str, int], place: str, report: Report) -> Order:
    """What each step waits for. `positions` are the steps' by id and by save_as; faults go to `report`."""
    after = tuple(
        _waits_of(steps, position, positions, f"{place}/{position}", report) for position in range(len(steps))
    )
    order = Order(after, tuple(_all_before(position, after) for position in range(len(steps))))
    _report_cycles(steps, order, place, report)
    return order


def is_as_listed(order: Order) -> bool:
    """Whether each step waits for all that are listed before it, and for no other."""
    return all(sees == frozenset(range(position)) for position, sees in enumerate(order.sees))


def name_of(step: Any, position: int) -> str:
    """The step's id, given or made of its position."""
    given = step.get("id") if isinstance(step, Mapping) else None
    return given if isinstance(given, str) else f"step_{position + 1}"


def _waits_of(
    steps: Sequence[Any], position: int, positions: Mapping[str, int], place: str, report: Report
) -> frozenset[int]:
    step = steps[position] if isinstance(steps[position], Mapping) else {}
    group = _group_of(step, place, report)
    if "depends_on" in step:
        return _named(step["depends_on"], positions, f"{place}/depends_on", report)
    if group is None:
        return frozenset(range(position))
    return frozenset(before for before in range(position) if _group(steps[before]) != group)


def _named(given: Any, positions: Mapping[str, int], place: str, report: Report) -> frozenset[int]:
    if not isinstance(given, list):
        report(place, 'is not a list of steps; write their ids, such as ["fetch"], or [] to wait for none')
        return frozenset()
    if len(given) > 2 * len(positions):
        report(place, f"names {len(given)} steps, and there are not that many")
        return frozenset()
    found = set()
    for number, name in enumerate(given):
        if isinstance(name, str) and name in positions:
            found.add(positions[name])
        else:
            hint = did_you_mean(str(name), positions)
            message = f"no step beside this one is called {str(name)[:100]!r}{hint}; known are {', '.join(positions)}"
            report(f"{place}/{number}", message[:500])
    return frozenset(found)


def _group_of(step: Mapping[str, Any], place: str, report: Report) -> str | None:
    group = step.get("parallel_group")
    if group is None or is_name(group):
        return group
    report(f"{place}/parallel_group", _NO_GROUP)
    return None


def _group(step: Any) -> Any:
    return step.get("parallel_group") if isinstance(step, Mapping) else None


def _all_before(position: int, after: Sequence[frozenset[int]]) -> frozenset[int]:
    found: set[int] = set()
    to_see = list(after[position])
    while to_see:
        before = to_see.pop()
        if before not in found:
            found.add(before)
            to_see += after[before]
    return frozenset(found)


def _report_cycles(steps: Sequence[Any], order: Order, place: str, report: Report) -> None:
    told: set[int] = set()
    for position in range(len(steps)):
        if position not in order.sees[position] or position in told:
            continue
        cycle = _way_back(position, order.after)
        told.update(cycle)
        names = [name_of(steps[each], each) for each in cycle]
        where = min(each for each in cycle if "depends_on" in steps[each])
        unsaid = [name for each, name in zip(cycle, names, strict=True) if "depends_on" not in steps[each]]
        why = f"; {unsaid[0]} has no depends_on, so it waits for steps listed before it" if unsaid else ""
        report(f"{place}/{where}/depends_on", f"these steps wait for each other: {' → '.join([*names, names[0]])}{why}")


def _way_back(start: int, after: Sequence[frozenset[int]]) -> list[int]:
    """The shortest way from a step on a cycle to itself: each waits for the next."""
    came_from: dict[int, int] = {}
    to_see = deque([start])
    while start not in came_from:
        here = to_see.popleft()
        for there in sorted(after[here]):
            if there not in came_from:
                came_from[there] = here
                to_see.append(there)
    way = [came_from[start]]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]
