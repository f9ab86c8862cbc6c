"""What must hold of a task before it is saved, whoever asks for it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError

import pipelines
from pipelines.values import MAX_BYTES, UnfitValue, spend
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Agent, Task
from tasks_app.services import faults, kinds, local_times, scopes, timing


def read(
    given: Mapping[str, Any], *, seen_by: Agent | None, timezone: str, keep: bool
) -> tuple[dict[str, Any], list[Fault]]:
    """The fields with the calendar that is named in them, and with their instants in UTC; and what is wrong with those, which
    are left out then.

    seen_by: who knows the calendar by that name. keep: let nobody delete the calendar until the transaction under way ends.
    """
    fields = dict(given)
    found: list[Fault] = []
    readers: dict[str, Callable[[Any], Any]] = {
        name: partial(local_times.of_field, name=name, timezone=timezone) for name in local_times.FIELDS
    }
    if seen_by is not None and isinstance(given.get("calendar"), str):
        readers["calendar"] = partial(timing.calendar_called, seen_by=seen_by, keep=keep)
    for name in sorted(readers.keys() & given.keys()):
        try:
            fields[name] = readers[name](given[name])
        except InvalidRequest as invalid:
            found += invalid.faults
            del fields[name]
    return fields, found


def check(task: Task, *, tools: pipelines.Catalogue, known: Sequence[Fault] = ()) -> None:
    """Every rule that needs no other row. Collects the faults of all parts, after the `known` ones, before it raises
    `InvalidRequest`.
    """
    found = [*known]
    try:
        # Not the constraints: what they forbid is no choice of a field, or nothing that a caller can ask for, and to look at them
        # takes three statements each.
        task.clean_fields(exclude={"created_by", "dtstart", "payload", "calendar"})
    except ValidationError as error:
        found += faults.of_model(error)
    found += timing.faults_of(task)
    found += kinds.faults_of(task, tools=tools)
    try:
        pipelines.parse(task.payload, tools=tools)
    except pipelines.InvalidPipeline as error:
        found += faults.of_pipeline(error)
    found += scopes.faults_of(task, tools=tools)
    if found:
        raise InvalidRequest(*found)


def refuse_unfit(params: Mapping[str, Any]) -> None:
    """Raises `InvalidRequest` for params of a run that cannot be stored."""
    try:
        spend(dict(params), MAX_BYTES)
    except UnfitValue as unfit:
        raise InvalidRequest(Fault(f"/params{unfit.pointer}", f"{unfit.reason}.")) from None
