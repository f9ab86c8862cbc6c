"""Somebody who types commands while no platform is there."""

import time
from pathlib import Path

import pytest
from ordinaut_client.cli.kept_login import KeptLogin
from ordinaut_client.tokens import Tokens

from tests.integration.client.typing_commands import CommandLine


@pytest.fixture
def somebody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Logged in at a platform that is not there."""
    monkeypatch.delenv("ORDINAUT_URL", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    until = time.time() + 900
    tokens = Tokens(access="a", access_until=until, refresh="r", refresh_until=until, scopes=())
    KeptLogin.begin(url="http://platform", agent_id="a", tokens=tokens)
    return CommandLine(tmp_path)
