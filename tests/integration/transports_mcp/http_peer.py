"""The peer over streamable HTTP, served by uvicorn on a free loopback port in a thread of its own."""

import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from types import TracebackType
from typing import Any

import uvicorn
from mcp.server import MCPServer

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class HttpPeer:
    """Serves `server`. `requests` are the headers that came, by request; `old` is a server that knows initialize only."""

    def __init__(self, server: MCPServer, *, old: bool = False) -> None:
        self.server = server
        self.requests: list[dict[str, str]] = []
        self._old = old
        self._app = server.streamable_http_app()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"http://{self.address}/mcp"
        config = uvicorn.Config(
            self._serve, log_config=None, lifespan="on", interface="asgi3", timeout_graceful_shutdown=1
        )
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._uvicorn.run, kwargs={"sockets": [self._listener]}, daemon=True)

    @property
    def calls(self) -> list[str]:
        """The methods that were asked for, where the protocol says them in a header."""
        return [headers["mcp-method"] for headers in self.requests if "mcp-method" in headers]

    def __enter__(self) -> "HttpPeer":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._uvicorn.should_exit = True
        self._thread.join(10)
        self._listener.close()

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = {name.decode(): value.decode() for name, value in scope["headers"]} | {"method": scope["method"]}
            self.requests.append(headers)
            if self._old and headers.get("mcp-method") == "server/discover":
                await send({"type": "http.response.start", "status": 400, "headers": []})
                await send({"type": "http.response.body", "body": b"Bad Request: no session"})
                return
        await self._app(scope, receive, send)
