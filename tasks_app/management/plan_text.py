"""A plan, as somebody at a terminal reads it: what is created (+), changed (~) and deleted (-), each with its fields."""

import difflib
from collections.abc import Iterator
from typing import Any, Final

from tasks_app.management.terminal import plain
from tasks_app.services.porting.forms import Form
from tasks_app.services.porting.plan import Action, Difference, FieldChange, Plan
from tasks_app.services.porting.writing import write

_SIGNS: Final = {Action.CREATED: "+", Action.CHANGED: "~", Action.DELETED: "-"}


def lines_of(plan: Plan) -> Iterator[str]:
    """Without what is unchanged, which the last line counts."""
    for kind, differences in (("calendar", plan.calendars), ("task", plan.tasks)):
        for each in differences:
            if each.action in _SIGNS:
                yield f"{_SIGNS[each.action]} {kind} {plain(each.name)}"
                yield from _fields(each)
    counts = plan.counts
    told = ", ".join(f"{counts[action]} {action}" for action in Action)
    yield f"Tasks: {told}."


def _fields(difference: Difference) -> Iterator[str]:
    for each in difference.fields:
        if difference.action == Action.CREATED:
            yield from _indented(_written(each.field, each.after), "    ")
        else:
            yield from _change(each)


def _change(change: FieldChange) -> Iterator[str]:
    before, after = (_written(change.field, value) for value in (change.before, change.after))
    if len(before) == len(after) == 1:
        yield f"    {before[0]} -> {after[0].removeprefix(f'{change.field}: ')}"
        return
    hunks = difflib.unified_diff(before, after, n=2, lineterm="")
    yield f"    {change.field}:"
    yield from _indented([line for line in list(hunks)[2:] if not line.startswith("@@")], "      ")


def _written(name: str, value: Any) -> list[str]:
    return [plain(line) for line in write({name: value}, form=Form.YAML).splitlines()]


def _indented(lines: list[str], indent: str) -> Iterator[str]:
    for line in lines:
        yield f"{indent}{line}".rstrip()
