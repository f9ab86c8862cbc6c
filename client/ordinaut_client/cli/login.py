"""`ordinaut login`, `logout` and `whoami`."""

import os
import shlex
from datetime import UTC, datetime
from pathlib import Path

import click

from ordinaut_client.cli.kept_login import KeptLogin
from ordinaut_client.cli.session import Session, json_option, pass_session
from ordinaut_client.connection import Ordinaut
from ordinaut_client.tokens import Tokens

_NAMES = ("ORDINAUT_URL", "ORDINAUT_AGENT_ID", "ORDINAUT_AGENT_SECRET")


@click.command()
@click.option("--url", help="Where the platform is. Default: ORDINAUT_URL.")
@click.option("--agent-id", help="Default: ORDINAUT_AGENT_ID.")
@click.option(
    "--credentials",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="A file that sets these variables, such as the credentials.env of `make up`.",
)
@click.option("--scope", "scopes", multiple=True, help="What this login is for; all that the agent has unless given.")
@json_option
@pass_session
def login(
    session: Session, url: str | None, agent_id: str | None, credentials: Path | None, scopes: tuple[str, ...]
) -> None:
    """Log in as an agent, and keep the login for the commands that follow.

    The secret comes from ORDINAUT_AGENT_SECRET or is asked for: never from the command line, which others can read.
    """
    known = _variables(credentials) if credentials else {name: os.environ.get(name, "") for name in _NAMES}
    where = (url or known.get("ORDINAUT_URL") or click.prompt("URL", default="http://localhost:8080")).rstrip("/")
    who = agent_id or known.get("ORDINAUT_AGENT_ID") or click.prompt("Agent id")
    secret = known.get("ORDINAUT_AGENT_SECRET") or click.prompt("Agent secret", hide_input=True)
    with Ordinaut(where, agent_id=who, agent_secret=secret, scopes=scopes) as platform:
        tokens = platform.login()
    KeptLogin.begin(url=where, agent_id=who, tokens=tokens)
    session.output.said(_told(where, who, tokens))


@click.command()
@pass_session
def logout(session: Session) -> None:
    """End the login, everywhere and at once, and forget it here."""
    kept = session.login
    try:
        session.platform.logout()
    finally:
        kept.forget()


@click.command()
@json_option
@pass_session
def whoami(session: Session) -> None:
    """Which agent is logged in, where, and what it may do now."""
    tokens = session.platform.login()
    session.output.said(_told(session.login.url, session.login.agent_id, tokens))


def _variables(path: Path) -> dict[str, str]:
    """Of a file as shells read it: NAME=value."""
    lines = (line.removeprefix("export ").partition("=") for line in path.read_text().splitlines() if "=" in line)
    return {name.strip(): " ".join(shlex.split(value, comments=True)) for name, _, value in lines}


def _told(url: str, agent_id: str, tokens: Tokens) -> dict[str, object]:
    until = datetime.fromtimestamp(int(tokens.refresh_until), tz=UTC).isoformat()
    return {"url": url, "agent_id": agent_id, "scopes": list(tokens.scopes), "login_ends": until}
