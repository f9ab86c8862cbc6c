"""How is a pipeline carried out?

What a run of pure steps costs, one after the other, is a few dictionaries and the journal's `keep`: no lock, no I/O, nothing
compiled. Threads beside the run's own are asked for only where steps that make it wait may run beside each other.
"""

from collections.abc import Mapping
from typing import Any

from pipelines.branches import unfolded
from pipelines.catalogue import Catalogue
from pipelines.course import Course, Means
from pipelines.crowd import Over
from pipelines.expressions import times
from pipelines.records import Outcome, Succeeded
from pipelines.spec import Pipeline
from pipelines.surroundings import Clock, Journal

_SUCCEEDED = Succeeded()


def execute(  # noqa: PLR0913 - what surrounds a run
    pipeline: Pipeline,
    context: Mapping[str, Any],
    journal: Journal,
    tools: Catalogue,
    clock: Clock,
    *,
    deadline: float | None = None,
) -> Outcome:
    """Carry out what the journal does not yet record, and say how it ended.

    `context` holds JSON values: `run` (with `id`, and `request_id` if there is one), `task`, `trigger`, `event`, `agent`,
    and `params`, which overrule the pipeline's own one by one. `deadline` (of `clock.monotonic()`) bounds every step.
    Other threads may do steps of it, too; none does when this returns.
    `Interrupted`, from the journal or a tool, passes through.
    """
    means = Means(journal, tools, clock, deadline=deadline, unfold=unfolded)
    try:
        Course(means, _scope(pipeline, context, clock)).through(pipeline.body)
    except Over as over:
        if over.record is not None:  # the step that the run waits at is the last that it tells of
            journal.keep(over.record)
        return over.outcome
    return _SUCCEEDED


def _scope(pipeline: Pipeline, context: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    scope = dict(context)
    own = scope.get("params")
    scope["params"] = {**pipeline.params, **own} if own else pipeline.params
    scope["steps"] = {}
    if pipeline.reads_clock:
        scope.update(times.words_for(clock.now()))
    return scope
