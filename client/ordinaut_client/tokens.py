"""An agent's login: the tokens that prove who asks, and how they are renewed before or when they end."""

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Protocol, Self

import httpx

from ordinaut_client.refusals import NotLoggedIn, Unreachable, refusal

_EARLY: Final = 5.0  # seconds before its end in which an access token is not begun with any more


@dataclass(frozen=True)
class Tokens:
    """Moments are seconds since 1970, by this machine's clock."""

    access: str = field(repr=False)
    access_until: float
    refresh: str = field(repr=False)
    refresh_until: float
    scopes: tuple[str, ...]

    @classmethod
    def answered(cls, told: dict[str, Any]) -> Self:
        """Of an answer of `/auth/token` or `/auth/refresh`."""
        now = time.time()
        return cls(
            access=told["access_token"],
            access_until=now + told["expires_in"],
            refresh=told["refresh_token"],
            refresh_until=now + told["refresh_expires_in"],
            scopes=tuple(told["scopes"]),
        )

    @classmethod
    def read(cls, written: dict[str, Any]) -> Self:
        """Raises `KeyError` or `TypeError` where `written()` wrote something else."""
        return cls(**{**written, "scopes": tuple(written["scopes"])})

    def written(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Secret:
    """What an agent proves itself with when there are no tokens yet, or none any more."""

    agent_id: str
    agent_secret: str = field(repr=False)
    scopes: tuple[str, ...] = ()  # none: all that the agent has


class Keeper(Protocol):
    """Where tokens are kept. A refresh token is good once, so all who share them take turns."""

    def tokens(self) -> Tokens | None: ...

    def keep(self, tokens: Tokens) -> None: ...

    def alone(self) -> AbstractContextManager[object]: ...


class InMemory:
    """Tokens of one process, for all its threads."""

    def __init__(self) -> None:
        self._tokens: Tokens | None = None
        self._lock = threading.Lock()

    def tokens(self) -> Tokens | None:
        return self._tokens

    def keep(self, tokens: Tokens) -> None:
        self._tokens = tokens

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._lock:
            yield


class Bearer(httpx.Auth):
    """Puts an access token on every request, and a newer one on the same request if the first is refused."""

    def __init__(self, url: str, keeper: Keeper, secret: Secret | None = None) -> None:
        self._url = url
        self._keeper = keeper
        self._secret = secret

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        tokens = yield from self.good(instead_of=None)
        request.headers["Authorization"] = f"Bearer {tokens.access}"
        answer = yield request
        if answer.status_code == 401:
            answer.read()
            tokens = yield from self.good(instead_of=tokens)
            request.headers["Authorization"] = f"Bearer {tokens.access}"
            yield request

    def good(self, *, instead_of: Tokens | None) -> Generator[httpx.Request, httpx.Response, Tokens]:
        """Tokens that have not ended and are not those that were refused. Raises `NotLoggedIn`, `Refused`."""
        with self._keeper.alone():
            tokens = self._keeper.tokens()
            if tokens and tokens != instead_of and time.time() < tokens.access_until - _EARLY:
                return tokens
            newer = yield from self._newer(tokens)
            self._keeper.keep(newer)
            return newer

    def _newer(self, tokens: Tokens | None) -> Generator[httpx.Request, httpx.Response, Tokens]:
        if tokens and time.time() < tokens.refresh_until:
            body: dict[str, Any] = {"refresh_token": tokens.refresh}
            answer = yield httpx.Request("POST", f"{self._url}/auth/refresh", json=body)
            answer.read()
            if answer.status_code != 401:
                return _told(answer)
        if self._secret is None:
            raise NotLoggedIn("The login has ended: log in again." if tokens else "There is no login: log in first.")
        body = {"agent_id": self._secret.agent_id, "agent_secret": self._secret.agent_secret}
        if self._secret.scopes:
            body["scope"] = " ".join(self._secret.scopes)
        answer = yield httpx.Request("POST", f"{self._url}/auth/token", json=body)
        answer.read()
        if answer.status_code == 401:
            raise NotLoggedIn(str(refusal(answer)))
        return _told(answer)


def _told(answer: httpx.Response) -> Tokens:
    if answer.is_error:
        raise refusal(answer)
    try:
        return Tokens.answered(answer.json())
    except (ValueError, KeyError, TypeError) as error:
        raise Unreachable(f"{answer.url.host} does not answer as Ordinaut does: is the URL the right one?") from error
