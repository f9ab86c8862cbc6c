"""An echo bridge: one HTTP server that stands for all the tools that pipelines of users call."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answers = Mapping[str, Any]


@dataclass
class Bridge:
    """Answers a call of `/<address>` with what is given for the tool, with an error for a status, else with its input."""

    port: int
    calls: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    keys: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def inputs(self, address: str) -> list[Any]:
        return self.calls[address]


@contextmanager
def echo_bridge(answers: Answers) -> Iterator[Bridge]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            address = self.path.removeprefix("/")
            given = json.loads(self.rfile.read(int(self.headers["content-length"])))
            bridge.calls[address].append(given)
            bridge.keys[address].append(self.headers["idempotency-key"])
            answer = answers.get(address, given)
            status = answer if isinstance(answer, int) else 200
            body = json.dumps({"said": "no"} if status != 200 else answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            """What is asked is in `calls`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        bridge = Bridge(server.server_port)
        thread = threading.Thread(target=server.serve_forever, name="bridge", daemon=True)
        thread.start()
        yield bridge
        server.shutdown()
        thread.join()
