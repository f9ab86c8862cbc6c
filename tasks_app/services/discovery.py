"""What an MCP server offers, and the tools of it that somebody chose."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pipelines import StepFailed
from pipelines.transports import InvalidEntry, mcp_discovery
from pipelines.transports.mcp_definitions import Found
from tasks_app import catalogue
from tasks_app.disclosure import acting_for
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Tool
from tasks_app.services.actor import Actor
from tasks_app.services.tool_checks import credentials_in
from tasks_app.services.tool_import import Imported, Wanted, import_tools

SECONDS: Final = 20.0  # that a server may take to say what it has


class State(StrEnum):
    """What the catalogue has of a tool that was found: nothing, the same definition, or another one."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A tool as its server defines it, and the entry that it has or would have; none where two names come to one address."""

    name: str
    address: str
    state: State
    definition: Found
    entry: Mapping[str, Any]


def offered(transport: str, settings: Mapping[str, Any], *, namespace: str, actor: Actor) -> list[Offered]:
    """What the server has. Asks it now, on behalf of the actor's agent.

    Raises `InvalidRequest`: for a server that cannot be asked, at `/settings`.
    """
    if wrong := list(credentials_in(settings, "/settings")):
        raise InvalidRequest(*wrong)
    found = _asked(transport, settings, actor=actor)
    try:
        entries = mcp_discovery.entries_of(found, namespace=namespace, transport=transport, settings=settings).entries
    except ValueError as error:
        raise InvalidRequest(Fault("/namespace", f"{error}.")) from None
    by_name = {entry["settings"]["tool"]: entry for entry in entries}
    present = Tool.objects.in_bulk([entry["address"] for entry in entries], field_name="address")
    return [_offered(tool, by_name.get(tool.name, {}), present) for tool in found]


def import_offered(
    names: Sequence[str], tools: Iterable[Offered], *, actor: Actor, replace: bool, partial: bool
) -> Imported:
    """Bring the tools of these names; one whose definition has changed since waits for approval.

    Raises `InvalidRequest` for a name that the server does not have, or that has no address of its own.
    """
    entries = {tool.name: tool.entry for tool in tools if tool.entry}
    chosen: list[Wanted] = []
    wrong: list[Fault] = []
    for position, name in enumerate(names):
        if name in entries:
            chosen.append(Wanted(place=f"/import/{position}", fields=entries[name]))
        else:
            message = "The server has no tool of this name, or another one would have the same address."
            wrong.append(Fault(f"/import/{position}", message))
    if wrong and not partial:
        raise InvalidRequest(*wrong)
    done = import_tools(chosen, actor=actor, replace=replace, partial=partial, found=True)
    done.refused.extend(wrong)
    return done


def _asked(transport: str, settings: Mapping[str, Any], *, actor: Actor) -> list[Found]:
    catalogue.refresh()  # its secrets
    try:
        with acting_for(actor.agent):
            return mcp_discovery.list_tools(transport, settings, catalogue.outside(), seconds=SECONDS)
    except InvalidEntry as invalid:
        raise InvalidRequest(*(Fault(fault.pointer, fault.message) for fault in invalid.faults)) from None
    except StepFailed as failed:
        place = "/settings/server" if "server" in settings else "/settings/endpoint"
        message = f"The server cannot be asked ({failed.error.code}): {failed.error.message}"
        raise InvalidRequest(Fault(place, message)) from None


def _offered(tool: Found, entry: Mapping[str, Any], present: Mapping[str, Tool]) -> Offered:
    address = entry.get("address", "")
    before = present.get(address)
    if before is None:
        state = State.NEW
    else:
        state = State.SAME if before.settings.get("fingerprint") == tool.fingerprint else State.CHANGED
    return Offered(name=tool.name, address=address, state=state, definition=tool, entry=entry)
