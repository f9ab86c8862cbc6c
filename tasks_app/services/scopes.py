"""Whether a task's owner has the scopes that the tools of its pipeline, and its probe, need."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import pipelines
from tasks_app.exceptions import Fault
from tasks_app.models import Agent, Task

# Tools whose input holds steps of this run. Of any other, what looks like a step is data.
_HOLDING_STEPS: Final = ("pipeline.", "orchestrator.conditional")


def faults_of(task: Task, *, tools: pipelines.Catalogue) -> list[Fault]:
    """One for each step whose tool needs a scope that the owner does not have."""
    probe = _lacking(_used_by(task.probe, "/probe"), task.created_by, tools)
    return [*faults_in(task.payload, owner=task.created_by, tools=tools, place="/payload"), *probe]


def faults_in(payload: Any, *, owner: Agent, tools: pipelines.Catalogue, place: str = "") -> list[Fault]:
    """The same for a payload at `place`, whose steps act as `owner`."""
    steps = payload.get("pipeline") if isinstance(payload, dict) else None
    return list(_lacking(_used(steps, f"{place}/pipeline"), owner, tools))


def _lacking(used: Iterable[tuple[str, str]], owner: Agent, tools: pipelines.Catalogue) -> Iterator[Fault]:
    for pointer, address in () if owner.is_admin else used:
        if (fault := _fault(owner, address, pointer, tools)) is not None:
            yield fault


def _used(steps: Any, place: str) -> Iterator[tuple[str, str]]:
    """The tools of a list of steps, each with its place; what is no list of steps is judged elsewhere."""
    if isinstance(steps, list):
        for position, step in enumerate(steps):
            yield from _used_by(step, f"{place}/{position}")


def _used_by(step: Any, place: str) -> Iterator[tuple[str, str]]:
    address = step.get("uses") if isinstance(step, dict) else None
    if not isinstance(address, str):
        return
    yield f"{place}/uses", address
    given = step.get("with")
    if address.startswith(_HOLDING_STEPS) and isinstance(given, dict):
        for name, inner in given.items():
            yield from _used(inner, f"{place}/with/{name}")


def _fault(owner: Agent, address: str, pointer: str, tools: pipelines.Catalogue) -> Fault | None:
    if address not in tools:
        return None  # which is a fault of its own
    missing = tools.get(address).scopes - set(owner.scopes)
    if not missing:
        return None
    named = ", ".join(sorted(missing))
    cure = f"use another tool, log in for {named} too, or ask an administrator for an agent that has it"
    return Fault(pointer, f"{address} needs the scope {named}, which the agent {owner} does not have here: {cure}.")
