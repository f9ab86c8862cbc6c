"""Many tools at once, from a `tools.json` or from what an MCP server offers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction

from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import CatalogueStamp, Tool
from tasks_app.services.actor import Actor
from tasks_app.services.tool_checks import faults_of
from tasks_app.services.tools import add, change
from tasks_app.states import ToolApproval

MOST: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An entry to import: `place` is the pointer to it in what was sent, `fields` what it says, of `WRITABLE`."""

    place: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Imported:
    """The addresses of what was made, changed or there already, and the faults of what was left out."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Fault] = field(default_factory=list)


def refuse_too_many(entries: Sequence[object]) -> None:
    """Raises `InvalidRequest`. Asked before any of them is read, too: to refuse one takes longer than to send it."""
    if len(entries) > MOST:
        raise InvalidRequest(Fault("", f"An import brings at most {MOST} tools: send several."))


def import_tools(
    wanted: Sequence[Wanted], *, actor: Actor, replace: bool = False, partial: bool = False, found: bool = False
) -> Imported:
    """Bring all of `wanted`, or with `partial` those without a fault. What is there already, and equal, stays as it is.

    replace: a tool that is there and says something else gets a new version; else that is a fault.
    found: a server said so, not a person: what a person has added to a tool stays, and its new version waits for approval.

    Raises `InvalidRequest`: the pointers of its faults begin with the entries' places.
    """
    refuse_too_many(wanted)
    made = [(each, Tool(**each.fields)) for each in wanted]
    wrong = {each.place: _placed(each, faults_of(tool)) for each, tool in made} | dict(_repeated(made))
    work = _Import(actor=actor, replace=replace, found=found)
    with transaction.atomic():
        CatalogueStamp.objects.renew()
        present = Tool.objects.select_for_update().in_bulk([tool.address for _, tool in made], field_name="address")
        for each, tool in made:
            if here := wrong[each.place]:
                work.done.refused.extend(here)
            elif before := present.get(tool.address):
                work.take_over(each, before)
            else:
                add(tool, actor=actor)
                work.done.created.append(tool.address)
        if work.done.refused and not partial:
            raise InvalidRequest(*work.done.refused)
    return work.done


@dataclass(frozen=True, kw_only=True)
class _Import:
    actor: Actor
    replace: bool
    found: bool
    done: Imported = field(default_factory=Imported)

    def take_over(self, wanted: Wanted, before: Tool) -> None:
        """Bring what is there already under this address."""
        fields = wanted.fields if self.found else Tool(**wanted.fields).definition | _switch(wanted)
        if all(getattr(before, name) == value for name, value in fields.items()):
            self.done.unchanged.append(before.address)
            return
        if not self.replace:
            message = f"There is another tool {before.address} already: import with `replace` to give it a new version."
            self.done.refused.append(Fault(f"{wanted.place}/address", message))
            return
        try:
            change(before, {**fields, "approval": ToolApproval.CHANGED} if self.found else fields, actor=self.actor)
        except InvalidRequest as refusal:  # what the server says now does not go with what a person has added
            self.done.refused.extend(_placed(wanted, refusal.faults))
        else:
            self.done.updated.append(before.address)


def _switch(wanted: Wanted) -> dict[str, Any]:
    """An entry that does not say whether it is enabled leaves that as it is."""
    return {"enabled": wanted.fields["enabled"]} if "enabled" in wanted.fields else {}


def _placed(wanted: Wanted, faults: Sequence[Fault]) -> list[Fault]:
    return [Fault(f"{wanted.place}{fault.pointer}", fault.message) for fault in faults]


def _repeated(made: Sequence[tuple[Wanted, Tool]]) -> Iterator[tuple[str, list[Fault]]]:
    first: dict[str, str] = {}
    for wanted, tool in made:
        place = first.setdefault(tool.address, wanted.place)
        if place != wanted.place:
            message = f"{tool.address} is there twice: at {place}, too."
            yield wanted.place, [Fault(f"{wanted.place}/address", message)]
