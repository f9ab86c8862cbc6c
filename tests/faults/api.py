"""The platform's REST API as a patient client sees it: every answer is kept, for the checker to judge (I7)."""

import json
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ordinaut_site import kept_files

NO_ANSWER = 0
_TIMEOUT = 10


@dataclass(frozen=True, kw_only=True)
class Answer:
    """status: 0 when the connection was refused or broken. seconds: until the answer. at: when it was asked (UTC)."""

    what: str
    status: int
    body: Any
    retry_after: str | None
    seconds: float
    at: datetime


class Api:
    """Any thread may ask. `answers` holds all that was answered, in no certain order."""

    def __init__(self, ports: list[int], home: Path) -> None:
        self._ports = ports
        self._home = home
        self._token = ""
        self._signing_in = threading.Lock()
        self._asked = 0
        self.answers: list[Answer] = []

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Ask the webs in turn; no status is an error here."""
        answer = self._ask(method, path, body, token=self._signed_in())
        self.answers.append(answer)
        return answer

    def must(self, method: str, path: str, body: Any = None) -> Any:
        """The body of an answer that has to be a success: for what a test needs before its fault."""
        answer = self.ask(method, path, body)
        assert 200 <= answer.status < 300, answer
        return answer.body

    def is_ready(self, port: int) -> bool:
        """Whether the web at `port` says that it is ready. Not kept among the answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def metric(self, name: str) -> float:
        """The sum of a counter's samples over all processes of the platform, 0.0 when there are none."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._ports[0]}/metrics", timeout=_TIMEOUT) as answer:
            lines = answer.read().decode().splitlines()
        found = [line for line in lines if line.startswith((f"{name} ", f"{name}{{"))]
        return sum(float(line.rpartition(" ")[2]) for line in found)

    def _signed_in(self) -> str:
        with self._signing_in:
            if not self._token:
                kept = kept_files.read(self._home / kept_files.CREDENTIALS)
                body = {"agent_id": kept["ORDINAUT_AGENT_ID"], "agent_secret": kept["ORDINAUT_AGENT_SECRET"]}
                answer = self._ask("POST", "/auth/token", body)
                assert answer.status == 200, answer
                self._token = answer.body["access_token"]
        return self._token

    def _ask(self, method: str, path: str, body: Any, *, token: str = "") -> Answer:
        self._asked += 1
        port = self._ports[self._asked % len(self._ports)]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}", data=json.dumps(body or {}).encode() if method != "GET" else None
        )
        request.method = method
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        at, begun = datetime.now(UTC), time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answered:
                status, given, headers = answered.status, json.loads(answered.read() or b"null"), answered.headers
        except urllib.error.HTTPError as error:
            with error:
                status, given, headers = error.code, error.read().decode(errors="replace"), error.headers
        except OSError as error:
            status, given, headers = NO_ANSWER, str(error), {}
        seconds = time.monotonic() - begun
        return Answer(
            what=f"{method} {path}",
            status=status,
            body=given,
            retry_after=headers.get("Retry-After"),
            seconds=seconds,
            at=at,
        )
