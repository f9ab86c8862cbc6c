"""A program that is sent events, on the loopback, and what it was sent."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.test import override_settings

from tasks_app.conf import conf
from tasks_app.models import Agent, Webhook
from tasks_app.services import webhooks
from tasks_app.services.actor import SYSTEM
from tasks_app.webhooks import deliver, moves, wanted


@dataclass(frozen=True)
class Post:
    path: str
    headers: dict[str, str]
    body: str

    @property
    def event(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


class Receiver:
    """answer: the status for a post, and headers with it; 204 unless the test says otherwise."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.answer: Callable[[Post], tuple[int, dict[str, str]]] = lambda _: (204, {})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events"

    @property
    def positions(self) -> list[int]:
        return [post.event["pos"] for post in self.posts]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                post = Post(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                status, headers = receiver.answer(post)
                receiver.posts.append(post)
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        return Handler


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that the operator allows to be reached."""
    receiver = Receiver()
    try:
        with override_settings(ORDINAUT=replace(conf(), http_allow=(f"127.0.0.1:{receiver.port}",))):
            yield receiver
    finally:
        receiver.close()


def subscribe(agent: Agent, receiver: Receiver, *types: str) -> Webhook:
    url, wanted_types = receiver.url, types or ("*",)
    return webhooks.create_webhook(agent, url=url, event_types=wanted_types, actor=SYSTEM)[0]


def deliver_all() -> int:
    """What two duties do in their rounds; answers how many events were taken."""
    while wanted.run_once()["more"]:
        pass
    return sum(deliver.deliver(hold) for hold in moves.claim(limit=100))
