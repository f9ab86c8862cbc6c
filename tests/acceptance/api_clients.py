"""Clients of the API that do not stop: each on one connection, creating tasks and reading them, and coming back when it is told to.

    python -m tests.acceptance.api_clients < plan.json

The plan: `port`, `token`, `clients`, `seconds`. What a client creates carries an Idempotency-Key, which is also the task's title. Some
requests are sent twice on purpose: some after their answer, some instead of waiting for it. Told as JSON: `statuses` (how many
of each), `wrong` (what no client should see), `created` (id by key, of what was acknowledged), `differently` (keys that
were answered two ids) and `slowest` (seconds).
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

_PATIENCE = 30.0  # seconds for one answer
_OFTEN_TWICE = 0.05
_OFTEN_GONE = 0.03


@dataclass
class Seen:
    statuses: dict[int, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    created: dict[str, str] = field(default_factory=dict)
    differently: list[str] = field(default_factory=list)
    slowest: float = 0.0


@dataclass(frozen=True)
class Answer:
    status: int
    retry_after: str | None
    body: bytes


class Client:
    def __init__(self, plan: dict[str, Any], number: int, seen: Seen) -> None:
        self._plan = plan
        self._number = number
        self._seen = seen
        self._ends = time.monotonic() + plan["seconds"]
        self._dice = random.Random(number)
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._own: list[str] = []

    async def run(self) -> None:
        made = 0
        while time.monotonic() < self._ends:
            what = self._dice.random()
            if what < 0.5 or not self._own:
                made += 1
                await self._create(f"{self._number}-{made}")
            elif what < 0.75:
                await self._until_answered("GET", f"/api/v1/tasks/{self._dice.choice(self._own)}")
            else:
                await self._until_answered("GET", "/api/v1/tasks?limit=20")
        if self._stream:
            self._stream[1].close()

    async def _create(self, key: str) -> None:
        task = {"title": key, "schedule_kind": "manual", "payload": {"pipeline": [{"id": "one", "uses": "noop"}]}}
        if self._dice.random() < _OFTEN_GONE:
            await self._send("POST", "/api/v1/tasks", task, key)
            await asyncio.sleep(self._dice.random() * 0.05)
            self._hang_up()
        for _ in range(2 if self._dice.random() < _OFTEN_TWICE else 1):
            answer = await self._until_answered("POST", "/api/v1/tasks", task, key)
            if answer is None:
                return
            if answer.status == 201:
                known = self._seen.created.setdefault(key, made := json.loads(answer.body)["id"])
                self._own.append(made)
                if known != made:
                    self._seen.differently.append(key)

    async def _until_answered(self, method: str, path: str, body: Any = None, key: str = "") -> Answer | None:
        """Comes back as long as it is told to, and the test lasts."""
        while time.monotonic() < self._ends:
            answer = await self._ask(method, path, body, key)
            in_flight = answer is not None and answer.status == 409
            if answer is not None and answer.status not in {429, 503} and not in_flight:
                return answer
            await asyncio.sleep(float((answer and answer.retry_after) or 0.2))
        return None

    async def _ask(self, method: str, path: str, body: Any, key: str) -> Answer | None:
        """None, and noted as wrong, where there is no answer."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._send(method, path, body, key)
                answer = await self._answer()
        except (OSError, EOFError, TimeoutError) as error:
            self._hang_up()
            self._seen.wrong.append(f"{method} {path}: {type(error).__name__} {error}")
            return None
        self._seen.slowest = max(self._seen.slowest, time.monotonic() - began)
        self._seen.statuses[answer.status] = self._seen.statuses.get(answer.status, 0) + 1
        if not (
            200 <= answer.status < 300 or 400 <= answer.status < 500 or (answer.status == 503 and answer.retry_after)
        ):
            self._seen.wrong.append(f"{method} {path}: {answer}")
        return answer

    async def _send(self, method: str, path: str, body: Any, key: str) -> None:
        if self._stream is None:
            self._stream = await asyncio.open_connection("127.0.0.1", self._plan["port"])
        content = b"" if body is None else json.dumps(body).encode()
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {self._plan['token']}",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
            *([f"Idempotency-Key: {key}"] if key else []),
        ]
        self._stream[1].write("\r\n".join([*lines, "", ""]).encode() + content)
        await self._stream[1].drain()

    async def _answer(self) -> Answer:
        assert self._stream is not None
        head = (await self._stream[0].readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        first, *lines = head.strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        body = await self._stream[0].readexactly(int(headers.get("content-length", "0")))
        if "chunked" in headers.get("transfer-encoding", ""):
            body = await self._chunks()
        if headers.get("connection") == "close":
            self._hang_up()
        return Answer(int(first.split()[1]), headers.get("retry-after"), body)

    async def _chunks(self) -> bytes:
        assert self._stream is not None
        parts = []
        while size := int((await self._stream[0].readline()).split(b";")[0], 16):
            parts.append(await self._stream[0].readexactly(size))
            await self._stream[0].readexactly(2)
        await self._stream[0].readline()
        return b"".join(parts)

    def _hang_up(self) -> None:
        if self._stream:
            self._stream[1].close()
        self._stream = None


async def _all(plan: dict[str, Any]) -> Seen:
    seen = Seen()
    await asyncio.gather(*(Client(plan, number, seen).run() for number in range(plan["clients"])))
    return seen


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(_all(json.load(sys.stdin)))), sys.stdout)
