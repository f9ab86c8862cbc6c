"""What may go between us and an MCP server over HTTP?

The SDK's own client forgets which status an answer had, reads as much as is sent, and looks up addresses by itself. Below
it stands this: every connection to a checked address, every byte counted, and the first thing that ends the call kept.
"""

from collections.abc import AsyncIterator, Callable
from typing import Final

import httpcore2
import httpx2

from pipelines.egress.addresses import AddressBlocked, AddressGuard, HostUnknown
from pipelines.egress.answers import Answer, answer_failure
from pipelines.egress.async_connection import pool_for
from pipelines.errors import ErrorClass, StepError, StepFailed
from pipelines.transports.mcp_troubles import CutOff

# Whatever else a server answers may be its way to say that it speaks another version of MCP.
_REFUSALS: Final = frozenset({401, 403, 407, 408, 425, 429})
_MOST_SHOWN: Final = 2000  # bytes of an error's body that are read


class Traffic(httpx2.AsyncBaseTransport):
    """One call's transport. `trouble` is why the call has failed, if that was seen here; `abort` is called then."""

    def __init__(self, guard: AddressGuard, *, host: str, most_bytes: int, abort: Callable[[], None]) -> None:
        self._pool = pool_for(guard)
        self._host = host
        self._left = self._most_bytes = most_bytes
        self._abort = abort
        self.trouble: Exception | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            response = await self._sent(request)
            await self._check(request, response)
        except (StepFailed, CutOff) as trouble:
            if request.method == "POST":  # a GET waits for what the server may want to tell, and a DELETE is a goodbye
                self._give_up(trouble)
            raise
        return httpx2.Response(
            response.status, headers=response.headers, stream=_Counted(response, self), extensions=response.extensions
        )

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def _sent(self, request: httpx2.Request) -> httpcore2.Response:
        assert isinstance(request.stream, httpx2.AsyncByteStream)
        url = request.url
        sent = httpcore2.Request(
            request.method,
            httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            return await self._pool.handle_async_request(sent)
        except AddressBlocked as blocked:
            raise StepFailed.permanently("address_blocked", str(blocked)) from None
        except (HostUnknown, httpcore2.ConnectError, httpcore2.ConnectTimeout) as lost:
            raise self._retryable("connect_failed", str(lost)) from None
        except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError) as lost:
            raise self.cut_off(lost) from None

    async def _check(self, request: httpx2.Request, response: httpcore2.Response) -> None:
        headers = httpx2.Headers(response.headers)
        if headers.get("content-encoding", "identity").lower() not in ("identity", ""):
            await response.aclose()
            message = f"{self._host} sent a compressed answer though only identity was accepted"
            raise StepFailed.permanently("content_encoding", message)
        if response.status in _REFUSALS or (response.status >= 500 and not _is_json(headers)):
            raise await self._refusal(response, headers)
        if response.status == 404 and "mcp-session-id" in request.headers:
            await response.aclose()
            raise self._retryable("mcp_session_lost", "the server has forgotten the session")

    def count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            trouble = StepFailed.permanently(
                "answer_too_large", f"{self._host} sent more than {self._most_bytes} bytes"
            )
            self._give_up(trouble)
            raise trouble

    def cut_off(self, lost: Exception) -> CutOff:
        said = f"{self._host}: {str(lost) or type(lost).__name__}"
        return CutOff(StepError(ErrorClass.RETRYABLE, "connection_lost", said))

    async def _refusal(self, response: httpcore2.Response, headers: httpx2.Headers) -> Exception:
        body = b""
        async for chunk in response.aiter_stream():
            body += chunk[: _MOST_SHOWN - len(body)]
            if len(body) >= _MOST_SHOWN:
                break
        await response.aclose()
        error = answer_failure(Answer(response.status, dict(headers), body, self._host), expected=())
        assert error is not None
        # A gateway that timed out, or a server that broke, may have passed the call on.
        refused = response.status in _REFUSALS or response.status == 503
        return StepFailed(error) if refused else CutOff(error)

    def _retryable(self, code: str, message: str) -> StepFailed:
        return StepFailed(StepError(ErrorClass.RETRYABLE, code, f"{self._host}: {message}"))

    def _give_up(self, trouble: Exception) -> None:
        if self.trouble is None:
            self.trouble = trouble
            self._abort()


class _Counted(httpx2.AsyncByteStream):
    """An answer's body, which counts for its call."""

    def __init__(self, response: httpcore2.Response, traffic: Traffic) -> None:
        self._response = response
        self._traffic = traffic

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.aiter_stream():
                self._traffic.count(len(chunk))
                yield chunk
        except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError) as lost:
            raise self._traffic.cut_off(
                lost
            ) from None  # after which the SDK may ask for the rest of a stream of events

    async def aclose(self) -> None:
        await self._response.aclose()


def _is_json(headers: httpx2.Headers) -> bool:
    return str(headers.get("content-type", "")).lower().startswith("application/json")
