"""Whose it will be: what an agent makes is its own, unless an admin names somebody."""

from uuid import UUID

from rest_framework.exceptions import PermissionDenied

from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Agent


def owner_named(named: UUID | None, *, caller: Agent) -> Agent:
    if named is None or named == caller.pk:
        return caller
    if not caller.is_admin:
        raise PermissionDenied("Only an admin may make something for another agent: leave `created_by` out.")
    owner = Agent.objects.filter(pk=named).first()
    if owner is None:
        raise InvalidRequest(Fault("/created_by", "There is no such agent."))
    return owner
