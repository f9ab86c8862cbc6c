"""What would the steps of a pipeline be given, if earlier ones came to these outputs? Nothing is called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import thread_time
from typing import Any, Final

from pipelines.catalogue import Catalogue
from pipelines.errors import StepError, StepFailed
from pipelines.expressions import times
from pipelines.parsing import MAX_PAYLOAD_BYTES
from pipelines.schemas import SchemaMismatch
from pipelines.spec import Pipeline, Step
from pipelines.templates import Meter
from pipelines.values import UnfitValue, ValueTooLarge, spend

CPU_SECONDS: Final = 1.0  # for all steps together


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A step as it would begin: whether its `if` holds (None where that is not known), and its input."""

    step: str
    uses: str
    holds: bool | None
    input: Any = None
    error: StepError | None = None


def rehearse(  # noqa: PLR0913 - what surrounds a run
    pipeline: Pipeline,
    context: Mapping[str, Any],
    *,
    outputs: Mapping[str, Any],
    now: datetime,
    tools: Catalogue,
    cpu: Callable[[], float] = thread_time,
) -> list[Rehearsed]:
    """Evaluate every step's condition and input. `context` is that of `execute`; `outputs` are by id or by `save_as`.

    A step without an output is undefined for those after it; one whose `if` does not hold is null. `cpu` tells seconds.
    """
    results: dict[str, Any] = {}
    params = {**pipeline.params, **(context.get("params") or {})}
    scope = {**context, "params": params, "steps": results, **times.words_for(now)}
    allowance = _Allowance(cpu)
    rehearsed = []
    for step in pipeline.steps:
        found = _step(step, scope, allowance, tools)
        rehearsed.append(found)
        names = (step.id, *([step.save_as] if step.save_as else []))
        given = [outputs[name] for name in names if name in outputs]
        if given or found.holds is False:
            results.update(dict.fromkeys(names, given[0] if given else None))
    return rehearsed


def _step(step: Step, scope: Mapping[str, Any], allowance: "_Allowance", tools: Catalogue) -> Rehearsed:
    holds: bool | None = None
    given = None
    try:
        allowance.check_time()
        holds = step.condition is None or step.condition(scope)
        if not holds or step.block is not None:  # what a block is given are the steps inside it
            return Rehearsed(step.id, step.uses, holds)
        template = step.template
        rendered = template.constant if template.fill is None else template.fill(scope, _Meter(allowance))
        allowance.show(rendered)
        given = rendered
        check = tools.get(step.uses).check_input if step.uses in tools else None
        if check is not None:
            check(given)
    except StepFailed as failed:
        return Rehearsed(step.id, step.uses, holds, error=failed.error)
    except SchemaMismatch as mismatch:
        error = StepFailed.permanently("invalid_input", str(mismatch)).error
        return Rehearsed(step.id, step.uses, holds, given, error)
    return Rehearsed(step.id, step.uses, holds, given)


class _Allowance:
    """What all steps together may take, so that the answer comes soon and stays small."""

    def __init__(self, cpu: Callable[[], float]) -> None:
        self._cpu = cpu
        self._until = cpu() + CPU_SECONDS
        self._bytes = MAX_PAYLOAD_BYTES

    def check_time(self) -> None:
        if self._cpu() > self._until:
            message = f"its turn did not come: computing what stands before it took more than {CPU_SECONDS:g} s"
            raise StepFailed.permanently("took_too_long", message)

    def show(self, value: Any) -> None:
        try:
            self._bytes = spend(value, self._bytes)
        except ValueTooLarge:
            message = f"all inputs together are larger than the {MAX_PAYLOAD_BYTES // 1000} kB that are shown"
            raise StepFailed.permanently("too_large_to_show", message) from None
        except UnfitValue as unfit:
            raise StepFailed.permanently("invalid_input", f"{unfit.pointer or '/'} {unfit.reason}") from None


class _Meter(Meter):
    """A step's own, which also looks at the time between two templates."""

    __slots__ = ("_allowance",)

    def __init__(self, allowance: _Allowance) -> None:
        super().__init__()
        self._allowance = allowance

    def take(self, value: Any) -> None:
        self._allowance.check_time()
        super().take(value)
