"""What can be said about a pipeline that nobody has saved? Nothing is called, nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pipelines
from pipelines.rehearsal import Rehearsed, rehearse
from pipelines.values import pointer_part
from tasks_app.catalogue import catalogue
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.masking import masked
from tasks_app.models import Agent
from tasks_app.services import scopes


@dataclass(frozen=True, slots=True)
class StepInOrder:
    """A step, and the ids of those that it waits for."""

    id: str
    uses: str
    after: list[str]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a task could be saved with it; the faults, each with a JSON pointer into the payload; the steps if there are none."""

    faults: list[Fault]
    steps: list[StepInOrder]


def judge(payload: Any, *, owner: Agent | None = None) -> Judgement:
    """Check a payload as it is checked when a task is saved; owner: whose that would be, as far as its login goes."""
    tools = catalogue()
    lacking = [] if owner is None else scopes.faults_in(payload, owner=owner, tools=tools)
    try:
        pipeline = pipelines.parse(payload, tools=tools)
    except pipelines.InvalidPipeline as invalid:
        return Judgement([*(Fault(fault.pointer, fault.message) for fault in invalid.faults), *lacking], [])
    return Judgement(lacking, [] if lacking else _in_order(pipeline))


def render(payload: Any, *, context: Mapping[str, Any], outputs: Mapping[str, Any], now: datetime) -> list[Rehearsed]:
    """What each step would be given, with what looks like a secret masked.

    `outputs` are those of earlier steps, by id or `save_as`; `now` is aware, in the zone of the task that is meant.
    Raises `InvalidRequest` for a payload that could not be saved and for an output of no step.
    """
    try:
        pipeline = pipelines.parse(payload, tools=catalogue())
    except pipelines.InvalidPipeline as invalid:
        raise InvalidRequest(*(Fault(f"/payload{each.pointer}", each.message) for each in invalid.faults)) from None
    names = {name for step in pipeline.steps for name in (step.id, step.save_as) if name}
    if unknown := [name for name in outputs if name not in names]:
        message = f"No step has this id or save_as: name some of {', '.join(sorted(names))}."
        raise InvalidRequest(*(Fault(f"/context/steps/{pointer_part(name)}", message) for name in unknown))
    found = rehearse(pipeline, context, outputs=outputs, now=now, tools=catalogue())
    return [Rehearsed(each.step, each.uses, each.holds, masked(each.input), each.error) for each in found]


def _in_order(pipeline: pipelines.Pipeline) -> list[StepInOrder]:
    ids = [step.id for step in pipeline.steps]
    order = pipeline.order
    after = [sorted(each) for each in order.after] if order else [[n - 1] if n else [] for n in range(len(ids))]
    return [
        StepInOrder(step.id, step.uses, [ids[n] for n in before])
        for step, before in zip(pipeline.steps, after, strict=True)
    ]
