"""What must hold of a task before it is saved, whoever asks for it."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

import pipelines
from pipelines.values import MAX_BYTES, UnfitValue, spend
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Task
from tasks_app.services import faults, kinds, scopes, timing


def check(task: Task, *, tools: pipelines.Catalogue) -> None:
    """Every rule that needs no other row. Collects the faults of all parts before it raises `InvalidRequest`."""
    found: list[Fault] = []
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
