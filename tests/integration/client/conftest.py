"""One served platform for all these tests, and the command line as somebody types it."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks_app.services import agents
from tasks_app.services.actor import SYSTEM
from tests.integration.client.typing_commands import CommandLine
from tests.integration.execution.conftest import make_worker
from tests.integration.streams.listening import Server, served

__all__ = ["make_worker"]
SCOPES = [
    "tasks:create",
    "tasks:read",
    "tasks:update",
    "tasks:delete",
    "runs:read",
    "runs:write",
    "events:publish",
    "events:read",
    "tools:read",
]


@pytest.fixture(scope="package")
def one_server(django_db_setup: None) -> Iterator[Server]:
    with served() as started:
        yield started


@pytest.fixture
def server(one_server: Server, transactional_db: None, redis_emptied: None) -> Server:
    return one_server


def credentials(server: Server, folder: Path, *, name: str, scopes: list[str]) -> dict[str, str]:
    """Of a new agent, as `make up` writes them into a file."""
    agent, secret = agents.create_agent(name=name, scopes=scopes, actor=SYSTEM)
    found = {
        "ORDINAUT_URL": f"http://localhost:{server.port}",
        "ORDINAUT_AGENT_ID": str(agent.pk),
        "ORDINAUT_AGENT_SECRET": secret,
    }
    (folder / "credentials.env").write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in found.items()))
    return found


@pytest.fixture
def given(server: Server, tmp_path: Path) -> dict[str, str]:
    """The variables of an agent that may do all but administer."""
    return credentials(server, tmp_path, name="greeter", scopes=SCOPES)


@pytest.fixture
def given_boss(server: Server, tmp_path: Path) -> dict[str, str]:
    """Those of an administrator."""
    return credentials(server, tmp_path, name="boss", scopes=["admin"])


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line without a login."""
    for name in ("ORDINAUT_URL", "ORDINAUT_AGENT_ID", "ORDINAUT_AGENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    return CommandLine(tmp_path)


@pytest.fixture
def greeter(nobody: CommandLine, given: dict[str, str]) -> CommandLine:
    """One that is logged in."""
    nobody.types("login", **given)
    return nobody


@pytest.fixture
def boss(nobody: CommandLine, given_boss: dict[str, str]) -> CommandLine:
    nobody.types("login", **given_boss)
    return nobody
