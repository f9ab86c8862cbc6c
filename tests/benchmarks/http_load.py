"""The clients of an HTTP server, in a process of their own: nothing but sockets, so that the server is what is measured.

    python tests/benchmarks/http_load.py < plan.json

The plan: `port`, `method`, `path`, `headers`, `body` (JSON or null), `expected` (a status), `clients`, `seconds`, and `rate`:
requests a second, given to the clients in turn and timed from when each was due, or null, for each client to ask as soon as it was
answered. Told as JSON: `answers`, `rate`, of them a second, and `p50` and `p95` in seconds.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any


@dataclass
class Timed:
    """What the clients together have seen; seconds."""

    ends: float
    taken: list[float] = field(default_factory=list)


async def _ask(plan: dict[str, Any], request: bytes, due: Iterator[float], seen: Timed) -> None:
    """One client: one connection that is kept."""
    reader, writer = await asyncio.open_connection("127.0.0.1", plan["port"])
    expected = f" {plan['expected']} ".encode()
    try:
        for moment in due:
            if (wait := moment - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            if (began := moment or time.perf_counter()) >= seen.ends:
                break
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(_length(head))
            if expected not in head[:20]:
                raise SystemExit(f"{head!r}\n{body[:1000]!r}")
            seen.taken.append(time.perf_counter() - began)
    finally:
        writer.close()


def _length(head: bytes) -> int:
    lower = head.lower()
    start = lower.index(b"content-length:") + 15
    return int(lower[start : lower.index(b"\r\n", start)])


def _request(plan: dict[str, Any]) -> bytes:
    body = b"" if plan["body"] is None else json.dumps(plan["body"]).encode()
    headers = {"Host": f"127.0.0.1:{plan['port']}", "Content-Length": str(len(body)), **plan["headers"]}
    if body:
        headers["Content-Type"] = "application/json"
    lines = [f"{plan['method']} {plan['path']} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _dues(begins: float, plan: dict[str, Any], number: int) -> Iterator[float]:
    """When a client's requests are due; 0 for at once."""
    nth = number
    while True:
        yield begins + nth / plan["rate"] if plan["rate"] else 0.0
        nth += plan["clients"]


async def _measured(plan: dict[str, Any]) -> dict[str, float]:
    request, begins = _request(plan), time.perf_counter()
    seen = Timed(ends=begins + plan["seconds"])
    async with asyncio.TaskGroup() as clients:
        for number in range(plan["clients"]):
            clients.create_task(_ask(plan, request, _dues(begins, plan, number), seen))
    took = time.perf_counter() - begins
    cuts = quantiles(seen.taken, n=20)
    return {"answers": len(seen.taken), "rate": len(seen.taken) / took, "p50": cuts[9], "p95": cuts[18]}


if __name__ == "__main__":
    json.dump(asyncio.run(_measured(json.load(sys.stdin))), sys.stdout)
