"""How does a request stay within its address, its deadline and its run?

A network back end for `httpcore2` that asks the guard where to connect, and streams in which every wait ends at the
call's deadline, however slowly the peer feeds it. Host and SNI stay the name's, because the name is still what the
layers above see.
"""

import logging
import ssl
from collections.abc import Iterable
from functools import cache
from typing import Any

import httpcore2
import httpx2

from pipelines.calls import ToolCall
from pipelines.egress.addresses import AddressGuard

_CONNECT_SECONDS = 3.0
_LOOK_UP_SECONDS = 0.25  # how soon a waiting call notices that its run was told to stop


# At DEBUG it writes down every header that comes, and in one a peer may echo a secret.
logging.getLogger("httpcore2").setLevel(logging.INFO)


def connection_for(call: ToolCall, guard: AddressGuard, url: httpcore2.URL) -> httpcore2.HTTPConnection:
    """A connection for one request of this call.

    Not kept for another: a connection opened for one run's checked address must not serve another's name. A handshake is
    the price; a pool, which would have nothing to share, is not paid for.
    """
    return httpcore2.HTTPConnection(
        url.origin, ssl_context=ssl_context(), keepalive_expiry=0, network_backend=_Backend(call, guard)
    )


@cache
def ssl_context() -> ssl.SSLContext:
    """What a peer's certificate is checked by."""
    return httpx2.create_ssl_context(trust_env=False)  # reading the certificates takes 20 ms, so once per process


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, call: ToolCall, guard: AddressGuard) -> None:
        self._call = call
        self._guard = guard
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = self._guard.addresses(host, port, timeout=self._timeout())
        for address in addresses[:-1]:
            try:
                return self._connected(address, port, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                self._call.check()
        return self._connected(addresses[-1], port, local_address, socket_options)

    def _connected(self, address: str, port: int, local_address: str | None, options: Any) -> httpcore2.NetworkStream:
        stream = self._inner.connect_tcp(address, port, self._timeout(), local_address, options)
        return _Stream(stream, self._call)

    def _timeout(self) -> float:
        return min(_CONNECT_SECONDS, self._call.remaining())


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream, call: ToolCall) -> None:
        self._inner = inner
        self._call = call

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while True:
            self._call.check()
            try:
                return self._inner.read(max_bytes, min(_LOOK_UP_SECONDS, self._call.remaining()))
            except httpcore2.ReadTimeout:
                continue

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._call.check()
        self._inner.write(buffer, self._call.remaining())

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        remaining = min(_CONNECT_SECONDS, self._call.remaining())
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, remaining), self._call)

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
