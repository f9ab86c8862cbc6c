"""Several web processes on one port are one server: they count together, one that dies is replaced, and none is left behind."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from prometheus_client.mmap_dict import MmapedDict

from tasks_app.api import tokens
from tasks_app.models import Agent
from tasks_app.services import logins
from tasks_app.services.actor import SYSTEM
from tests.integration.api.serving import fetched, served
from tests.making import make_agent

pytestmark = pytest.mark.django_db(transaction=True)
REQUESTS = "django_http_requests_before_middlewares_total"


class Server:
    def __init__(self, port: int, metrics: Path) -> None:
        self.port = port
        self._metrics = metrics
        [self.parent] = [each for each in psutil.Process().children() if str(port) in each.cmdline()]

    def processes(self) -> list[psutil.Process]:
        living = [each for each in self.parent.children() if each.status() != psutil.STATUS_ZOMBIE]
        return [each for each in living if "spawn_main" in " ".join(each.cmdline())]

    def asked(self, process: psutil.Process) -> int:
        """How many requests this one has been asked."""
        counted = self._metrics / f"counter_{process.pid}.db"
        if not counted.exists():
            return 0
        return sum(
            int(value) for key, value, *_ in MmapedDict.read_all_values_from_file(str(counted)) if REQUESTS in key
        )

    def answers(self, token: str, *, requests: int) -> Counter[int]:
        """How often each status was answered."""
        headers = {"Authorization": f"Bearer {token}"}
        with ThreadPoolExecutor(4) as callers:
            asked = [callers.submit(fetched, self.port, "GET", "/api/v1/tasks", **headers) for _ in range(requests)]
            return Counter(each.result()[0] for each in asked)

    def answers_of_each(self, token: str) -> Counter[int]:
        """The same, of so many requests that two processes were asked."""
        before: dict[int, int] = {each.pid: self.asked(each) for each in self.processes()}
        told: Counter[int] = Counter()

        def each_was_asked() -> bool:
            told.update(self.answers(token, requests=8))
            return sum(self.asked(each) > before.get(each.pid, 0) for each in self.processes()) == 2

        until(each_was_asked)
        return told


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    metrics = tmp_path / "metrics"
    metrics.mkdir()
    with served(processes=2, PROMETHEUS_MULTIPROC_DIR=str(metrics)) as port:
        yield Server(port, metrics)


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_two_processes_know_the_same_logins_and_limits_and_one_that_dies_is_replaced(server: Server) -> None:
    agent = make_agent(scopes=("tasks:read",))
    hasty = make_agent(scopes=("tasks:read",))
    Agent.objects.filter(pk=hasty.pk).update(requests_per_minute=10)
    token = tokens.issue(agent)

    both = server.processes()
    assert set(server.answers_of_each(token)) == {200}
    assert server.answers(tokens.issue(hasty), requests=24) == {200: 10, 429: 14}
    counted = int(told_by_metrics(server.port))
    assert counted == sum(map(server.asked, both)) > 32

    both[0].kill()
    assert set(server.answers_of_each(token)) == {200}
    assert both[1] in server.processes()

    logins.end_all(agent, actor=SYSTEM)
    assert set(server.answers_of_each(token)) == {401}


def test_none_outlives_the_one_that_started_it(server: Server) -> None:
    left = server.processes()

    server.parent.kill()

    living = psutil.wait_procs(left, timeout=10)[1]
    for each in living:
        each.kill()
    assert living == []
    with pytest.raises(ConnectionRefusedError):
        fetched(server.port, "GET", "/health/live")


def told_by_metrics(port: int) -> float:
    lines = fetched(port, "GET", "/metrics")[2].decode().splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(REQUESTS))
