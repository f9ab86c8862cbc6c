"""`ordinaut schedules`."""

from typing import Any, get_args

import click

from ordinaut_client.cli.session import Session, json_option, pass_session
from ordinaut_client.connection import told
from ordinaut_client.generated.api.schedules import schedules_preview
from ordinaut_client.generated.models import DraftRequest, Occurrence
from ordinaut_client.generated.models.schedule_kind import ScheduleKind
from ordinaut_client.generated.types import UNSET


@click.group()
def schedules() -> None:
    """Schedules before they are saved."""


@schedules.command()
@click.argument("kind", type=click.Choice(sorted(get_args(ScheduleKind))))
@click.argument("expr")
@click.option("--timezone", help="IANA name.")
@click.option("--count", type=click.IntRange(1), default=5, show_default=True)
@json_option
@pass_session
def preview(session: Session, kind: Any, expr: str, timezone: str | None, count: int) -> None:
    """Show the next instants of a schedule: ordinaut schedules preview cron "0 9 * * 1-5"."""
    draft = DraftRequest(schedule_kind=kind, schedule_expr=expr, timezone=timezone or UNSET, count=count)
    found = told(schedules_preview.sync(client=session.client, body=draft))
    if session.output.as_json:
        session.output.said(found.to_dict())
        return
    if found.sentence:
        click.echo(found.sentence)
    session.output.many(
        found.items, ("AT", "LOCAL", "NOTES"), lambda each: (each.at, each.local.isoformat(), _notes(each))
    )


def _notes(occurrence: Occurrence) -> list[str]:
    return [note.text for note in occurrence.notes]
