"""An HTTP server that answers every GET after a while and does nothing else: `python -m tests.benchmarks.waiting_server 0.05`.

It prints its port. Nothing is parsed but where a request ends and whether the connection is to be kept, so that it stays
far from being the limit of who calls it.
"""

import asyncio
import sys

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n" + b'{"done": 1}'
_BACKLOG = 4096


class _Waiting(asyncio.Protocol):
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._loop.call_later(self._seconds, self._answer, b"connection: close" in head.lower())

    def _answer(self, last: bool) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(ANSWER)
        if last:
            self._transport.close()


async def serve(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Waiting(seconds), "127.0.0.1", 0, backlog=_BACKLOG)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
