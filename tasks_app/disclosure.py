"""Disclosure: which tool may send which secret where, and on whose behalf.

A secret is its owner's or everybody's, and goes to the hosts that it names alone. Whoever calls a tool says before on
whose behalf, with `acting_for`; nobody's call gets nobody's secrets but everybody's.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from pipelines.transports.entry import SecretRefused
from tasks_app import vault

_acting: Final[ContextVar[UUID | None]] = ContextVar("acting", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSecret:
    """A secret as the database has it. `hosts` are names in small letters, or `*.` and a name that others end with."""

    name: str
    owner: UUID | None
    hosts: tuple[str, ...]
    sealed: str = field(repr=False)

    def is_for(self, host: str) -> bool:
        """`*.example.org` stands for every name below example.org, and not for example.org itself."""
        return any(host == each or (each.startswith("*.") and host.endswith(each[1:])) for each in self.hosts)


class Disclosure:
    """The secrets of one moment."""

    def __init__(self, secrets: Iterable[SealedSecret] = ()) -> None:
        self._secrets = {(secret.owner, secret.name): secret for secret in secrets}

    def reveal(self, name: str, host: str) -> str:
        """The value of the secret that whoever acts means with `name`, for sending to `host`: their own goes before
        everybody's. Raises `SecretRefused`.
        """
        own = self._secrets.get((_acting.get(), name))
        secret = own or self._secrets.get((None, name))
        if secret is None:
            raise SecretRefused(f"there is no secret called {name!r} that this may use")
        if not secret.is_for(host):
            raise SecretRefused(f"the secret {name!r} may not go to {host}; only to {', '.join(secret.hosts)}")
        try:
            return vault.unseal(secret.sealed)
        except vault.NoKey as no_key:
            raise SecretRefused(f"the secret {name!r} cannot be read: {no_key}") from None


@contextmanager
def acting_for(agent: UUID | None) -> Iterator[None]:
    """What is called inside may use this agent's secrets."""
    before = _acting.set(agent)
    try:
        yield
    finally:
        _acting.reset(before)
