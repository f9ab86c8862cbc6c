"""What can be asked about the tools of the catalogue: bring, change, approve, switch and delete them."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction

from tasks_app import catalogue
from tasks_app.exceptions import Fault, IllegalMove, InvalidRequest
from tasks_app.models import CatalogueStamp, Tool, ToolVersion
from tasks_app.models.clock import database_now
from tasks_app.models.tool import DEFINITION
from tasks_app.services import audit
from tasks_app.services.actor import Actor
from tasks_app.services.guard import Guard, unguarded
from tasks_app.services.tool_checks import faults_of
from tasks_app.states import ToolApproval

WRITABLE: Final = frozenset({*DEFINITION, "enabled"})


def create_tool(*, actor: Actor, **fields: Any) -> Tool:
    """Bring a tool. `fields` are those of `WRITABLE`. Raises `InvalidRequest` with a JSON pointer for each fault."""
    tool = checked(Tool(**fields))
    with transaction.atomic():
        CatalogueStamp.objects.renew()
        if Tool.objects.filter(address=tool.address).exists():
            message = f"There is a tool {tool.address} already: change that one, or choose another address."
            raise InvalidRequest(Fault("/address", message))
        add(tool, actor=actor)
    return tool


def update_tool(address: str, *, actor: Actor, changes: Mapping[str, Any], guard: Guard = unguarded) -> Tool:
    """Change what `changes` names; every change of the definition is a new version, which the next call uses.

    Raises `InvalidRequest` for a fault, `IllegalMove` for a built-in tool, `Tool.DoesNotExist`, and what the guard raises.
    """
    with transaction.atomic():
        CatalogueStamp.objects.renew()
        tool = locked(address)
        guard(tool)
        if changes.get("address", address) != address:
            raise InvalidRequest(Fault("/address", "An address never changes: make another tool, and delete this one."))
        if any(getattr(tool, name) != value for name, value in changes.items()):
            change(tool, changes, actor=actor)
    return tool


def approve_tool(address: str, *, actor: Actor, version: int | None = None) -> Tool:
    """Stand for the newest version of a tool whose server says something else of it than before.

    `version` is the one that was looked at. Raises `IllegalMove` if there is a newer one by now, or for a built-in tool.
    """
    with transaction.atomic():
        CatalogueStamp.objects.renew()
        tool = locked(address)
        if version not in (None, tool.version):
            raise IllegalMove(f"The tool is at version {tool.version} by now: look at that one, and approve it.")
        if tool.approval != ToolApproval.APPROVED:
            tool.approval = ToolApproval.APPROVED
            tool.save(update_fields=["approval"])
            audit.note("tool.approved", tool, actor=actor, address=address, version=tool.version)
    return tool


def set_enabled(tool: Tool, *, actor: Actor, enabled: bool) -> Tool:
    """Switch a tool on or off. What is off is not there for tasks that are saved, and fails the steps that call it."""
    return update_tool(tool.address, actor=actor, changes={"enabled": enabled})


def delete_tool(address: str, *, actor: Actor, guard: Guard = unguarded) -> None:
    """Delete a tool and its versions for good: steps that still use it fail with `unknown_tool`.

    Raises `IllegalMove` for a built-in tool, `Tool.DoesNotExist`, and what the guard raises.
    """
    with transaction.atomic():
        CatalogueStamp.objects.renew()
        tool = locked(address)
        guard(tool)
        audit.note("tool.deleted", tool, actor=actor, address=address, version=tool.version)
        tool.delete()


def checked(tool: Tool) -> Tool:
    """The tool, if there is nothing wrong with it. Raises `InvalidRequest`."""
    if wrong := faults_of(tool):
        raise InvalidRequest(*wrong)
    return tool


def present(address: str) -> Tool:
    """The tool of this address, which somebody brought. Raises `IllegalMove` for a built-in one, `Tool.DoesNotExist`."""
    _refuse_built_in(address)
    return Tool.objects.get(address=address)


def locked(address: str) -> Tool:
    """The same, and nobody else changes it meanwhile."""
    _refuse_built_in(address)
    return Tool.objects.select_for_update().get(address=address)


def add(tool: Tool, *, actor: Actor) -> None:
    """Write a checked tool down, with its first version. The catalogue is locked."""
    tool.save(force_insert=True)
    _keep_version(tool, actor=actor)
    audit.note("tool.created", tool, actor=actor, address=tool.address, transport=tool.transport)


def change(tool: Tool, changes: Mapping[str, Any], *, actor: Actor) -> None:
    """Check and write down a locked tool's changes. Raises `InvalidRequest`."""
    changed = sorted(name for name, value in changes.items() if getattr(tool, name) != value)
    for name, value in changes.items():
        setattr(tool, name, value)
    tool.updated_at = database_now()
    if set(DEFINITION).intersection(changed):
        checked(tool)
        tool.version += 1
        _keep_version(tool, actor=actor)
    tool.save()
    audit.note("tool.updated", tool, actor=actor, address=tool.address, version=tool.version, changed=changed)


def _refuse_built_in(address: str) -> None:
    if address in catalogue.builtin():
        message = "is built in, and cannot be changed: make a tool of your own under another address."
        raise IllegalMove(f"{address} {message}")


def _keep_version(tool: Tool, *, actor: Actor) -> None:
    ToolVersion.objects.create(tool=tool, version=tool.version, definition=tool.definition, by=actor.label)
