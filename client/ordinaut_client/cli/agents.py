"""`ordinaut agents`, for administrators."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from ordinaut_client.cli.session import Session, json_option, pass_session
from ordinaut_client.connection import told
from ordinaut_client.generated.api.agents import (
    agents_create,
    agents_credentials,
    agents_disable,
    agents_enable,
    agents_list,
)
from ordinaut_client.generated.models import AgentRequest, RotationRequest
from ordinaut_client.pages import each

_save_to = click.option(
    "--save-to",
    type=click.Path(path_type=Path),
    required=True,
    help="A new file, which its user alone can read: the secret is written there and shown nowhere.",
)


@click.group()
def agents() -> None:
    """Programs that ask, with their scopes."""


@agents.command("list")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many, at most.")
@json_option
@pass_session
def list_(session: Session, limit: int) -> None:
    """List agents, the newest first."""
    found = each(lambda cursor: agents_list.sync(client=session.client, cursor=cursor, limit=min(limit, 200)))
    session.output.many(
        islice(found, limit),
        ("ID", "NAME", "ACTIVE", "SCOPES"),
        lambda agent: (agent.id, agent.name, agent.active, agent.scopes),
    )


@agents.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, help="What it may do; once for each.")
@_save_to
@json_option
@pass_session
def create(session: Session, name: str, scopes: tuple[str, ...], save_to: Path) -> None:
    """Make an agent, and keep its credentials in a file that `ordinaut login --credentials` reads."""
    with _new_file(save_to) as file:
        made = told(agents_create.sync(client=session.client, body=AgentRequest(name=name, scopes=list(scopes))))
        _write(file, session, made.id, made.agent_secret)
    session.output.said(_shown(made) | {"credentials": str(save_to)})


@agents.command()
@click.argument("agent", type=click.UUID)
@click.option("--revoke-old", is_flag=True, help="End the old secret at once, and the logins that it has opened.")
@_save_to
@json_option
@pass_session
def rotate(session: Session, agent: UUID, revoke_old: bool, save_to: Path) -> None:
    """Give an agent a new secret; the old one stays good for a day unless it is revoked."""
    with _new_file(save_to) as file:
        body = RotationRequest(revoke_old=revoke_old)
        made = told(agents_credentials.sync(agent, client=session.client, body=body))
        _write(file, session, made.agent_id, made.agent_secret)
    until = made.to_dict()["old_secret_until"]
    session.output.said({"id": str(made.agent_id), "old_secret_until": until, "credentials": str(save_to)})


@agents.command()
@click.argument("agent", type=click.UUID)
@json_option
@pass_session
def disable(session: Session, agent: UUID) -> None:
    """Disable an agent, and end all its logins."""
    session.output.said(_shown(told(agents_disable.sync(agent, client=session.client))))


@agents.command()
@click.argument("agent", type=click.UUID)
@json_option
@pass_session
def enable(session: Session, agent: UUID) -> None:
    """Let a disabled agent log in again."""
    session.output.said(_shown(told(agents_enable.sync(agent, client=session.client))))


def _shown(agent: Any) -> dict[str, object]:
    return {"id": str(agent.id), "name": agent.name, "active": agent.active, "scopes": agent.scopes}


@contextmanager
def _new_file(path: Path) -> Iterator[int]:
    """There before the secret is made, so that none is lost; gone again if none was made."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be made: {error.strerror}.") from error
    try:
        yield file
    except BaseException:
        path.unlink()
        raise
    finally:
        os.close(file)


def _write(file: int, session: Session, agent_id: UUID, secret: str) -> None:
    values = {"ORDINAUT_URL": session.login.url, "ORDINAUT_AGENT_ID": agent_id, "ORDINAUT_AGENT_SECRET": secret}
    os.write(file, "".join(f"{name}={value}\n" for name, value in values.items()).encode())
