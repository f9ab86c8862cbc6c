"""How do asynchronous requests stay within checked addresses?

The counterpart of `connection`: a network back end for `httpcore2` that asks the guard where to connect. It sets no
deadline but that of connecting; whoever uses it cancels the whole call, which no drip of bytes can hold up.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import httpcore2

from pipelines.egress.addresses import AddressGuard
from pipelines.egress.connection import ssl_context

_CONNECT_SECONDS = 3.0


def pool_for(guard: AddressGuard) -> httpcore2.AsyncConnectionPool:
    """Connections for one call's requests, each to an address that the guard has checked for it."""
    return httpcore2.AsyncConnectionPool(ssl_context=ssl_context(), network_backend=_Backend(guard))


class _Backend(httpcore2.AsyncNetworkBackend):
    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        self._inner = httpcore2.AnyIOBackend()
        self._threads = anyio.CapacityLimiter(1)  # of its own: one call's slow resolver keeps no other waiting

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Raises `AddressBlocked`, `HostUnknown` and what `httpcore2` raises."""
        look_up = partial(self._guard.addresses, host, port, timeout=_CONNECT_SECONDS)
        addresses = await anyio.to_thread.run_sync(look_up, abandon_on_cancel=True, limiter=self._threads)
        for address in addresses[:-1]:
            try:
                return await self._connected(address, port, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._connected(addresses[-1], port, local_address, socket_options)

    async def _connected(
        self, address: str, port: int, local_address: str | None, options: Any
    ) -> httpcore2.AsyncNetworkStream:
        return await self._inner.connect_tcp(address, port, _CONNECT_SECONDS, local_address, options)
