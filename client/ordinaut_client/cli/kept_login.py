"""The login between two commands: a file that its user alone can read, `$XDG_CONFIG_HOME/ordinaut/login.json`."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ordinaut_client.refusals import NotLoggedIn
from ordinaut_client.tokens import Tokens


def folder() -> Path:
    """Where the command line keeps what it must remember (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "ordinaut"


@dataclass(frozen=True)
class KeptLogin:
    """Whose login it is and where, in `path`; the tokens are read anew each time, since other commands renew them."""

    path: Path
    url: str
    agent_id: str

    @classmethod
    def read(cls) -> Self:
        """Raises `NotLoggedIn`."""
        path = folder() / "login.json"
        kept = _content(path)
        return cls(path, kept["url"], kept["agent_id"])

    @classmethod
    def begin(cls, *, url: str, agent_id: str, tokens: Tokens) -> Self:
        """In the place of the login before."""
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        login = cls(folder() / "login.json", url, agent_id)
        with login.alone():
            login.keep(tokens)
        return login

    def tokens(self) -> Tokens:
        return Tokens.read(_content(self.path)["tokens"])

    def keep(self, tokens: Tokens) -> None:
        """All of it or nothing, whenever the machine stops."""
        unfinished = self.path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        content = {"url": self.url, "agent_id": self.agent_id, "tokens": tokens.written()}
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path)

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Other commands wait: of two that renew the login with one token, the second would end it."""
        lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _content(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text())
        Tokens.read(content["tokens"])
    except FileNotFoundError:
        raise NotLoggedIn("There is no login: begin with `ordinaut login`.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise NotLoggedIn(f"{path} cannot be read: begin anew with `ordinaut login`.") from error
    return content
