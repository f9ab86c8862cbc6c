"""Somebody at a terminal, with a home of their own."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from ordinaut_client.cli import main


class CommandLine:
    """Types commands, in this process, and reads what they print."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.kept = home / "config" / "ordinaut" / "login.json"

    def types(self, *words: object, code: int = 0, given: str | None = None, **environment: str) -> Result:
        """code: how it is to exit; given: what is typed when it asks."""
        variables = {"XDG_CONFIG_HOME": str(self.home / "config"), **environment}
        result = CliRunner().invoke(main, [str(word) for word in words], input=given, env=variables)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    def asks(self, *words: object, code: int = 0) -> Any:
        """With `--json`, what it answers."""
        return json.loads(self.types(*words, "--json", code=code).stdout)

    def spoil(self, **changes: Any) -> None:
        """Other values in the kept tokens."""
        kept = json.loads(self.kept.read_text())
        kept["tokens"] |= changes
        self.kept.write_text(json.dumps(kept))
