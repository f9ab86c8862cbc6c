"""Whose it will be: what an agent makes is its own, unless an admin names somebody."""

from uuid import UUID

from rest_framework.exceptions import PermissionDenied

from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Agent


def owner_named(named: UUID | None, *, caller: Agent, to: str = "make something for") -> Agent:
    """The agent that is named, the caller for none. `to`: what is asked for, if an admin may do it for another agent."""
    if named is None or named == caller.pk:
        return caller
    if not caller.is_admin:
        raise PermissionDenied(f"Only an admin may {to} another agent: leave `created_by` out.")
    owner = Agent.objects.filter(pk=named).first()
    if owner is None:
        raise InvalidRequest(Fault("/created_by", "There is no such agent."))
    return owner
