"""The catalogue that the examples need: an echo bridge, a mailbox over stdio, and three services over HTTP."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from rest_framework.test import APIClient

from ordinaut_site.children import dying_with_us
from pipelines.transports.entry import StdioServer
from tasks_app.models import Agent
from tests.integration.api.conftest import SCOPES
from tests.integration.api.making import client_of
from tests.integration.examples.bridge import Bridge, echo_bridge
from tests.integration.execution.conftest import make_worker, until
from tests.integration.execution.work import MakeWorker
from tests.making import make_agent

__all__ = ["make_worker"]

PEER = Path(__file__).parent / "mcp_peer.py"
OVER_STDIO = ("find_outbound_without_reply", "top_unread")
OVER_HTTP = ("google-calendar-mcp.list_events", "weather-mcp.forecast", "telegram-mcp.send_message")
OVER_THE_BRIDGE = (
    *("analytics.business_metrics", "bank.transfer", "ci.lint", "ci.security_scan"),
    *("communication.send_executive_summary", "documents.extract", "github.comment", "github.get_diff"),
    *("llm.analyze", "llm.classify", "llm.executive_summary", "llm.plan", "llm.review", "llm.rewrite"),
    *("mail.send", "mail.send_draft", "pager.alert", "prometheus.query"),
)


@dataclass
class Stage:
    """An agent's client, a worker, and what makes the bridge with its answers and imports the catalogue."""

    client: APIClient
    make_worker: MakeWorker
    bridge: Callable[[dict[str, Any]], AbstractContextManager[Bridge]]


@pytest.fixture
def author(db: None) -> Agent:
    return make_agent(scopes=(*SCOPES, "tools:read", "tools:write"))


@pytest.fixture(scope="session")
def mcp_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    peer = subprocess.Popen(
        [sys.executable, str(PEER), str(port)],
        stderr=subprocess.DEVNULL,
        preexec_fn=dying_with_us(signal.SIGKILL),  # noqa: PLW1509 - see there
    )
    until(lambda: _listens(port), seconds=30)
    yield port
    peer.kill()
    peer.wait()


@pytest.fixture
def stage(settings: LazySettings, author: Agent, make_worker: MakeWorker, mcp_port: int) -> Stage:
    client = client_of(author)

    @contextmanager
    def bridge(answers: dict[str, Any]) -> Iterator[Bridge]:
        with echo_bridge(answers) as made:
            settings.ORDINAUT = replace(
                settings.ORDINAUT,
                http_allow=(f"127.0.0.1:{made.port}", f"127.0.0.1:{mcp_port}"),
                mcp_servers={"mailbox": StdioServer(command=[sys.executable, str(PEER)])},
            )
            answer = client.post("/api/v1/tools/import", {"tools": list(_entries(made.port, mcp_port))})
            assert answer.status_code == 200, answer.json()
            yield made

    return Stage(client, make_worker, bridge)


def _entries(bridge: int, mcp: int) -> Iterator[dict[str, Any]]:
    for address in OVER_THE_BRIDGE:
        yield {"address": address, "transport": "http", "endpoint": f"http://127.0.0.1:{bridge}/{address}"}
    for address in OVER_HTTP:
        yield {"address": address, "transport": "mcp-http", "endpoint": f"http://127.0.0.1:{mcp}/mcp"}
    for name in OVER_STDIO:
        yield {"address": f"imap-mcp.{name}", "transport": "mcp-stdio", "server": "mailbox", "tool": name}


def _listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0
