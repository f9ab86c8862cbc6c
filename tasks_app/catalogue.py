"""Which tools a pipeline may call."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Final
from uuid import UUID

import pipelines
from pipelines.egress.addresses import AddressGuard
from pipelines.transports import Outside
from tasks_app import python_tools
from tasks_app.brought_tools import BroughtTool
from tasks_app.conf import Conf, conf
from tasks_app.disclosure import Disclosure, SealedSecret
from tasks_app.models import CatalogueStamp, Secret, Tool
from tasks_app.rate_limits import RateLimit

_registered: dict[str, pipelines.Tool] = {}
_held: ContextVar[bool] = ContextVar("held", default=False)


def catalogue() -> pipelines.Catalogue:
    """The tools of this deployment: the built-in ones, those that act on the platform itself, and those that people brought.

    The database is asked whether these have changed; without it, that is an outage.
    """
    if not _held.get():
        refresh()
    return known()


@contextmanager
def held() -> Iterator[None]:
    """Let the database be asked once for all that is done with the catalogue meanwhile, in this thread."""
    refresh()
    token = _held.set(True)
    try:
        yield
    finally:
        _held.reset(token)


def known() -> pipelines.Catalogue:
    """The tools as this process last knew them. Asks nobody."""
    return _everything.beside(_builtin(conf().http_allow))


def builtin() -> pipelines.Catalogue:
    """The tools that nobody brought, and nobody can change."""
    return _builtin(conf().http_allow)


def register(*tools: pipelines.Tool) -> None:
    """Add tools that need what lies above this module. Called when Django is ready; again, it changes nothing."""
    _registered.update({tool.address: tool for tool in tools})
    _builtin.cache_clear()


def outside() -> Outside:
    """What the transports reach here, as far as the operator's settings allow."""
    global _reached  # noqa: PLW0603 - follows the settings
    settings = conf()
    if _reached is None or _reached[0] is not settings:
        _reached = settings, _outside(settings)
    return _reached[1]


def refresh() -> None:
    """Take over what has changed. One look at one row when nothing has. Raises what Django raises without a database."""
    global _everything  # noqa: PLW0603 - replaced as a whole, so that a reader needs no lock
    stamp = CatalogueStamp.now()
    if stamp == _everything.stamp:
        return
    with _one_at_a_time:
        _everything = _read(stamp, before=_everything)


class RateLimits(Mapping[str, RateLimit]):
    """Those of the operator, who has the last word, and those of the tools that people brought, as last known here."""

    def __init__(self, operators: Mapping[str, RateLimit]) -> None:
        self._operators = operators

    def __getitem__(self, name: str) -> RateLimit:
        return self._operators.get(name) or _everything.limits[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._operators.keys() | _everything.limits.keys())

    def __len__(self) -> int:
        return len(self._operators.keys() | _everything.limits.keys())


class Catalogue(pipelines.Catalogue):
    """The built-in tools, and those brought, each made when it is first asked for."""

    def __init__(self, builtin: pipelines.Catalogue, brought: Mapping[str, BroughtTool], outside: Outside) -> None:
        super().__init__(builtin)
        self._brought = {address: tool for address, tool in brought.items() if address not in builtin}
        self._outside = outside

    def get(self, address: str) -> pipelines.Tool:
        brought = self._brought.get(address)
        return super().get(address) if brought is None else brought.tool(self._outside)

    def __contains__(self, address: object) -> bool:
        return address in self._brought or super().__contains__(address)

    def __iter__(self) -> Iterator[pipelines.Tool]:
        yield from super().__iter__()
        for brought in self._brought.values():
            yield brought.tool(self._outside)

    def __len__(self) -> int:
        return super().__len__() + len(self._brought)


class _Everything:
    """What people have brought, at one moment."""

    def __init__(
        self, stamp: UUID | None, brought: Mapping[str, BroughtTool], secrets: tuple[SealedSecret, ...] = ()
    ) -> None:
        self.stamp = stamp
        self.brought = brought
        self.disclosure = Disclosure(secrets)
        self.limits = {address: tool.rate_limit for address, tool in brought.items() if tool.rate_limit}
        self._beside: tuple[pipelines.Catalogue, Outside, pipelines.Catalogue] | None = None

    def beside(self, builtin: pipelines.Catalogue) -> pipelines.Catalogue:
        if not self.brought:
            return builtin
        reached, known = outside(), self._beside
        if known is None or known[0] is not builtin or known[1] is not reached:
            self._beside = known = builtin, reached, Catalogue(builtin, self.brought, reached)
        return known[2]


_everything = _Everything(None, {})
_reached: tuple[Conf, Outside] | None = None
_one_at_a_time: Final = threading.Lock()


def _read(stamp: UUID | None, *, before: _Everything) -> _Everything:
    """What is in the database now; the tools that have not changed are not read again."""
    present = set(Tool.objects.filter(enabled=True).values_list("pk", "version", "approval"))
    kept = {tool.key: tool for tool in before.brought.values() if tool.key in present}
    changed = [key[0] for key in present - kept.keys()]
    read = [BroughtTool(row) for row in Tool.objects.filter(enabled=True, pk__in=changed)] if changed else []
    secrets = (
        SealedSecret(name=row.name, owner=row.owner_id, hosts=tuple(row.hosts), sealed=row.sealed)
        for row in Secret.objects.all()
    )
    return _Everything(stamp, {tool.address: tool for tool in (*kept.values(), *read)}, tuple(secrets))


@cache
def _builtin(http_allow: tuple[str, ...]) -> pipelines.Catalogue:
    return pipelines.builtin_catalogue(http_allow=http_allow, llm=conf().llm).with_tools(*_registered.values())


def _outside(settings: Conf) -> Outside:
    return Outside(
        guard=AddressGuard(settings.http_allow),
        reveal=_reveal,
        servers=settings.mcp_servers,
        callables=python_tools.registered(),
    )


def _reveal(name: str, host: str) -> str:
    return _everything.disclosure.reveal(name, host)
