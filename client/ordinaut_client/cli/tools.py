"""`ordinaut tools`."""

from itertools import islice

import click

from ordinaut_client.cli.session import Session, json_option, pass_session
from ordinaut_client.generated.api.tools import tools_list
from ordinaut_client.generated.types import UNSET
from ordinaut_client.pages import each


@click.group()
def tools() -> None:
    """The catalogue of what pipelines call."""


@tools.command("list")
@click.option("--search", help="A part of the address or the description.")
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True, help="How many, at most.")
@json_option
@pass_session
def list_(session: Session, search: str | None, limit: int) -> None:
    """List tools."""
    found = each(
        lambda cursor: tools_list.sync(
            client=session.client, cursor=cursor, limit=min(limit, 200), search=search or UNSET
        )
    )
    session.output.many(
        islice(found, limit),
        ("ADDRESS", "TRANSPORT", "ENABLED", "DESCRIPTION"),
        lambda tool: (tool.address, tool.transport, tool.enabled, tool.description),
    )
