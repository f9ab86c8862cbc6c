"""`ordinaut events`."""

import json
from itertools import islice
from typing import Any

import click

from ordinaut_client.cli.output import as_text
from ordinaut_client.cli.session import Session, json_option, pass_session
from ordinaut_client.cli.words import JsonObject
from ordinaut_client.connection import told
from ordinaut_client.generated.api.events import events_create, events_list
from ordinaut_client.generated.models import NewEventRequest
from ordinaut_client.generated.types import UNSET
from ordinaut_client.pages import each
from ordinaut_client.stream import Event, Missed

_HEADINGS = ("POS", "AT", "TYPE", "AGGREGATE", "DATA")


@click.group()
def events() -> None:
    """What has happened."""


@events.command("list")
@click.option("--type", "types", multiple=True, help="Exact, or a branch such as run.*.")
@click.option("--aggregate", default="", help="task:<id> or run:<id>.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many, at most.")
@json_option
@pass_session
def list_(session: Session, types: tuple[str, ...], aggregate: str, limit: int) -> None:
    """List events, the newest first."""
    found = each(
        lambda cursor: events_list.sync(
            client=session.client,
            cursor=cursor,
            limit=min(limit, 200),
            type_=",".join(types) or UNSET,
            aggregate=aggregate or UNSET,
        )
    )
    session.output.many(
        islice(found, limit),
        _HEADINGS,
        lambda event: (event.pos, event.at, event.type_, event.aggregate, event.data.to_dict()),
    )


@events.command()
@click.argument("topic")
@click.argument("payload", type=JsonObject(), required=False, metavar="[JSON|@FILE|-]")
@json_option
@pass_session
def publish(session: Session, topic: str, payload: dict[str, Any] | None) -> None:
    """Publish an event, which starts the runs of the tasks that listen to its topic."""
    body = NewEventRequest.from_dict({"topic": topic} | ({"payload": payload} if payload else {}))
    made = told(events_create.sync(client=session.client, body=body))
    session.output.one(made, lambda event: {"id": event.id, "topic": event.topic, "runs": event.runs})


@events.command()
@click.option("--type", "types", multiple=True, help="Exact, or a branch such as run.*.")
@click.option("--aggregate", default="", help="task:<id> or run:<id>.")
@click.option("--after", default="", help="The pos or id of an event: those that happened since come first.")
@click.option("--count", type=click.IntRange(1), help="End after so many; without it, follow for ever.")
@json_option
@pass_session
def tail(session: Session, types: tuple[str, ...], aggregate: str, after: str, count: int | None) -> None:
    """Follow events as they happen. With --json, each is a line of its own."""
    left = count
    for found in session.platform.follow(types=types, aggregate=aggregate, last_event_id=after):
        if isinstance(found, Missed):
            click.echo(f"Events are missing before {found.pos}: {found.reason}.", err=True)
            continue
        click.echo(json.dumps(found.told) if session.output.as_json else _line(found))
        if left is not None and (left := left - 1) == 0:
            return


def _line(event: Event) -> str:
    told = event.told
    return "  ".join(as_text(each) for each in (event.pos, told["at"], event.type, told["aggregate"], told["data"]))
