"""What commands print: tables for people, one JSON document for programs."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import click

from ordinaut_client.generated.types import Unset


class Answered(Protocol):
    """Any model of the generated client."""

    def to_dict(self) -> dict[str, Any]: ...


Item = TypeVar("Item", bound=Answered)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns as wide as they need to be, two blanks apart."""
    lines = [list(headings), *([as_text(each) for each in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def print_fields(fields: Mapping[str, object]) -> None:
    """One thing, a line for each of its fields."""
    width = max(map(len, fields))
    for name, value in fields.items():
        click.echo(f"{name.ljust(width)}  {as_text(value)}".rstrip())


def as_text(value: object) -> str:
    """One line, in which nothing moves a terminal's cursor, whoever wrote it."""
    if value is None or isinstance(value, Unset):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(sep=" ", timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, list | tuple):
        return ", ".join(map(as_text, value)) or "-"
    if isinstance(value, dict):
        return json.dumps(value)
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in str(value))


class Output:
    """As the command was asked to print."""

    def __init__(self) -> None:
        self.as_json = False

    def many(self, items: Iterable[Item], headings: Sequence[str], cells: Callable[[Item], Sequence[object]]) -> None:
        found = list(items)
        if self.as_json:
            print_json([each.to_dict() for each in found])
        else:
            print_table(headings, map(cells, found))

    def one(self, item: Item, fields: Callable[[Item], Mapping[str, object]]) -> None:
        if self.as_json:
            print_json(item.to_dict())
        else:
            print_fields(fields(item))

    def said(self, told: Mapping[str, object]) -> None:
        """What no model describes."""
        if self.as_json:
            print_json(dict(told))
        else:
            print_fields(told)
