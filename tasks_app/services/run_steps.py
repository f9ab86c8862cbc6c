"""What is shown of a run's steps? With secrets masked, and no more than can be read.

A step of the pipeline may hold others, which have its id before theirs: `each[3].draft`. Of a foreach over a thousand items only some
are shown, those that went wrong first.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

import pipelines
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.masking import masked
from tasks_app.models import Run, StepLog, TaskDefinition
from tasks_app.models.step_log import RecordedStep
from tasks_app.states import StepState

MOST_INSIDE: Final = 100  # of the steps inside one
LARGEST_VALUE: Final = 32_000  # bytes of JSON; what is larger is asked for by itself
LARGEST_TOGETHER: Final = 1_000_000
_SMALL: Final = 100  # bytes, worth no question
_WELL: Final = frozenset({StepState.SUCCEEDED, StepState.SKIPPED})
_PARENT: Final = re.compile(r"[^.\[]*")


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step as it is recorded last. `cut` says how many bytes of JSON a value has that is not shown."""

    recorded: RecordedStep
    input: Any
    output: Any
    cut: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShownSteps:
    """The steps that are shown, in the order in which they were recorded; `left_out` counts the others, by their parent."""

    steps: list[ShownStep]
    left_out: dict[str, int]


def parent_of(step: str) -> str:
    """The step of the pipeline that it is, or in which it was done."""
    found = _PARENT.match(step)
    return found[0] if found else step


def shown_steps(run: Run, *, only: str | None = None) -> ShownSteps:
    """The steps of a run. `only` one, with those inside it: its own values are shown whole; none if it has not begun.

    Raises `InvalidRequest` for a step that neither the pipeline has nor anything recorded.
    """
    recorded: Sequence[RecordedStep] = StepLog.objects.of_run(run.pk)
    if only is not None:
        every, recorded = recorded, [each for each in recorded if _is_or_is_inside(each.result.step, only)]
        if not recorded:
            _refuse_unknown(only, run, every)
    chosen, left_out = _chosen(recorded)
    left = LARGEST_TOGETHER
    steps = []
    for each in chosen:
        step, left = _shown(each, left, whole=each.result.step == only)
        steps.append(step)
    return ShownSteps(steps, left_out)


def _refuse_unknown(step: str, run: Run, recorded: Sequence[RecordedStep]) -> None:
    definition = TaskDefinition.objects.filter(task=run.task_id, version=run.task_version).first()
    planned = pipelines.parse(definition.payload).steps if definition else ()
    known = dict.fromkeys([*(each.id for each in planned), *(parent_of(each.result.step) for each in recorded)])
    if step not in known:
        there_are = f"there are {', '.join(known)}" if known else "it has none"
        raise InvalidRequest(Fault("/step", f"The run has no such step: {there_are}."))


def _is_or_is_inside(step: str, only: str) -> bool:
    return step == only or (step.startswith(only) and step[len(only)] in ".[")


def _chosen(recorded: Sequence[RecordedStep]) -> tuple[list[RecordedStep], dict[str, int]]:
    inside: dict[str, list[int]] = defaultdict(list)
    for position, each in enumerate(recorded):
        if (parent := parent_of(each.result.step)) != each.result.step:
            inside[parent].append(position)
    dropped: set[int] = set()
    left_out = {}
    for parent, positions in inside.items():
        # Stable, so that each kind stays in its order.
        beyond = sorted(positions, key=lambda at: recorded[at].result.state in _WELL)[MOST_INSIDE:]
        if beyond:
            dropped.update(beyond)
            left_out[parent] = len(beyond)
    return [each for position, each in enumerate(recorded) if position not in dropped], left_out


def _shown(recorded: RecordedStep, left: int, *, whole: bool) -> tuple[ShownStep, int]:
    values: dict[str, Any] = {}
    cut: dict[str, int] = {}
    for name in ("input", "output"):
        value = masked(getattr(recorded.result, name))
        size = len(orjson.dumps(value))
        if whole or size <= min(LARGEST_VALUE, max(left, _SMALL)):
            values[name], left = value, left - size
        else:
            values[name], cut[name] = None, size
    return ShownStep(recorded, values["input"], values["output"], cut), left
