"""How is a step carried out whose work is other steps?

Its steps have records of their own, under names that say where they stand: `each[3].draft`. So a run that goes on elsewhere does
nothing of it twice. The step itself is recorded when all of it is done.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pipelines.block_fields import MAX_ITEMS_OF_RUN
from pipelines.course import Course, Means
from pipelines.crowd import Crowd, Over, Parts
from pipelines.errors import StepFailed
from pipelines.records import Failed, StepRecord
from pipelines.spec import Body, Choice, Foreach, Parallel, Recovery, Step
from pipelines.values import MAX_BYTES, UnfitValue, ValueTooLarge, spend

_GOES_ON = Recovery()


def unfolded(course: Course, step: Step) -> tuple[Any, Callable[[], Any]]:
    """What the step is given, for its record, and what does it. Both raise `StepFailed`; the second what courses raise."""
    block = step.block
    if isinstance(block, Choice):
        return _chosen(course, step, block)
    if isinstance(block, Parallel):
        return _beside(course, step, block)
    assert isinstance(block, Foreach)
    return _each(course, step, block)


def _each(course: Course, step: Step, block: Foreach) -> tuple[Any, Callable[[], Any]]:
    items = _items_of(block, course)
    quick = _is_quick(block.body, course.means)

    def one(crowd: Crowd, position: int) -> Any:
        inside = course.inside(f"{step.id}[{position}]", halted=crowd.halted, item=items[position], index=position)
        return inside.through(block.body)

    def all_of_them() -> Any:
        line = _Line(course, step, one, goes_on=block.goes_on)
        return line.outputs([str(position) for position in range(len(items))], [quick] * len(items), block.concurrency)

    return {"items": len(items)}, all_of_them


def _items_of(block: Foreach, course: Course) -> Sequence[Any]:
    items = block.items(course.scope)
    if not isinstance(items, list):
        kind = "null" if items is None else f"a {type(items).__name__}"
        message = f"`items` came to {kind}, not to a list; write ${{... || []}} for what may be missing"
        raise StepFailed.permanently("invalid_input", message)
    if len(items) > block.most:
        message = f"there are {len(items)} items, and max_items is {block.most}"
        raise StepFailed.permanently("too_many_items", message)
    if course.means.team.count(len(items)) > MAX_ITEMS_OF_RUN:
        message = f"all foreach of a run go through {MAX_ITEMS_OF_RUN} items at most; make several runs of it"
        raise StepFailed.permanently("too_many_items", message)
    return items


def _beside(course: Course, step: Step, block: Parallel) -> tuple[Any, Callable[[], Any]]:
    names = [name for name, _ in block.branches]

    def one(crowd: Crowd, position: int) -> Any:
        name, body = block.branches[position]
        return course.inside(f"{step.id}[{name}]", halted=crowd.halted).through(body)

    def all_of_them() -> Any:
        quick = [_is_quick(body, course.means) for _, body in block.branches]
        outputs = _Line(course, step, one, goes_on=block.goes_on).outputs(names, quick, block.concurrency)
        return dict(zip(names, outputs, strict=True)) if block.named else outputs

    return {"branches": names if block.named else len(names)}, all_of_them


def _chosen(course: Course, step: Step, block: Choice) -> tuple[Any, Callable[[], Any]]:
    taken = next((each for each in block.cases if each[1] is None or each[1](course.scope)), None)
    if taken is None:
        return {"taken": None}, lambda: None
    name, _, body = taken
    inside = course.inside(f"{step.id}[{name}]", halted=None)
    return {"taken": name}, lambda: _told_of(step, lambda: inside.through(body))


def _is_quick(body: Body, means: Means) -> bool:
    return all(means.quick(step) for step in body.steps)


class _Line:
    """Bodies of one step, of which some are under way at a time, and what each of them comes to."""

    def __init__(self, course: Course, step: Step, one: Callable[[Crowd, int], Any], *, goes_on: bool) -> None:
        self._course = course
        self._step = step
        self._one = one
        self._goes_on = goes_on
        self._outputs: list[Any] = []
        self._bytes_left = MAX_BYTES
        self._spending = threading.Lock()

    def outputs(self, names: Sequence[str], quick: Sequence[bool], concurrency: int) -> list[Any]:
        """What the bodies come to, in their order. They are called by the `names` within the step."""
        self._outputs = [None] * len(names)

        def do(position: int) -> None:
            self._put(position, self._came_to(crowd, position, names[position]))

        parts = Parts(len(names), do, quick.__getitem__, most=concurrency, keeps_place=True)
        crowd = self._course.crowd(parts)
        _told_of(self._step, crowd.carry_out)
        return self._outputs

    def _came_to(self, crowd: Crowd, position: int, name: str) -> Any:
        """Its output, or its error where the step goes on over one: that is recorded, so that it is not begun again."""
        if not self._goes_on:
            return self._one(crowd, position)
        means, place = self._course.means, f"{self._step.id}[{name}]"
        earlier = means.recorded.get(place)
        if earlier is not None and earlier.mark:
            return earlier.seen
        began = means.clock.monotonic()
        try:
            return self._one(crowd, position)
        except Over as over:
            if not isinstance(over.outcome, Failed):
                raise
            error = over.outcome.error
        milliseconds = int((means.clock.monotonic() - began) * 1000)
        failure = StepRecord(place, "failed", self._step.uses, None, None, error, milliseconds, "")
        return self._course.without(replace(self._step, id=place, recovery=_GOES_ON), failure, error)

    def _put(self, position: int, output: Any) -> None:
        with self._spending:
            try:
                self._bytes_left = spend(output, self._bytes_left, depth=1)
            except ValueTooLarge:
                message = f"the results of {self._step.id} are larger than {MAX_BYTES} bytes together; let the last step inside answer less"
                raise StepFailed.permanently("value_too_large", message) from None
            except UnfitValue as unfit:  # deeper by the list that it is put into
                raise StepFailed.permanently("invalid_output", f"{unfit.pointer or '/'} {unfit.reason}") from None
        self._outputs[position] = output


def _told_of(step: Step, carry_out: Callable[[], Any]) -> Any:
    """Let what failed inside be the step's failure, which says where it was."""
    try:
        return carry_out()
    except Over as over:
        if not isinstance(over.outcome, Failed):
            raise
        error = over.outcome.error
        if not error.message.startswith(f"{step.id}["):
            error = replace(error, message=f"{over.outcome.step}: {error.message}")
        raise StepFailed(error) from None
