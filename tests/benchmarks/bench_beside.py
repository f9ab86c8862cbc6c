"""How long does a run take whose steps are beside each other, and how long a foreach over a thousand items?

Fifty calls of 100 ms by HTTP, in a worker: beside that the call alone, in a run of its own, which is the limit. A thousand items of
two pure steps, in this process and without a database: beside that the same two thousand steps without the foreach around them.
"""

import os
import time
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from pipelines import Succeeded, builtin_catalogue, execute, parse
from tasks_app.events import wakeup
from tasks_app.models import Task
from tests.benchmarks.measuring import drained, forget_runs, working
from tests.benchmarks.waiting import call_of, waiting_server
from tests.making import make_task
from tests.unit.pipelines.fakes import FakeClock, MemoryJournal

WAIT = 0.1  # seconds
CALLS = 50
ROUNDS = int(os.environ.get("BENCH_BESIDE_ROUNDS", "5"))
ITEMS = 1000


@pytest.mark.django_db(transaction=True)
def test_fifty_calls_beside_each_other(redis_emptied: None, tmp_path: Path) -> None:
    with waiting_server(WAIT) as server:
        call = call_of(server)
        alone = make_task(payload={"pipeline": [call]})
        beside = make_task(payload={"pipeline": [call | {"id": f"c{n}", "depends_on": []} for n in range(CALLS)]})
        with working(alone, processes=1, log=tmp_path / "worker.log", ORDINAUT_HTTP_ALLOW=server.address) as worker:
            one, fifty = ([_took(worker.pid, task) for _ in range(ROUNDS)] for task in (alone, beside))
    print(
        f"\nA run of one call of {WAIT * 1000:.0f} ms: {median(one) * 1000:.0f} ms; of {CALLS} beside each other: ",
        end="",
    )
    print(
        f"{median(fifty) * 1000:.0f} ms, at most {max(fifty) * 1000:.0f} ms, which is {median(fifty) / median(one):.1f} : 1\n"
    )
    assert median(fifty) < 0.4


def test_a_thousand_items() -> None:
    body = [
        {"id": "say", "uses": "debug.echo", "with": {"n": "${item.n}"}},
        {"id": "more", "uses": "debug.echo", "with": {"text": "${steps.say.n} of ${params.total}"}},
    ]
    plain = [each | {"with": {"n": "${params.total}"}} | {"id": f"s{n}"} for n, each in enumerate(body * 25)]
    each = {"id": "each", "uses": "pipeline.foreach", "with": {"items": "${params.items}", "body": body}}
    params = {"total": ITEMS, "items": [{"n": n} for n in range(ITEMS)]}
    foreach, steps = _seconds([each], params), _seconds(plain, params) / len(plain) * 2 * ITEMS
    print(f"\n{ITEMS} items of two steps: {foreach * 1000:.1f} ms, {foreach / ITEMS / 2 * 1e6:.1f} us a step; ", end="")
    print(f"as many steps one after the other: {steps * 1000:.1f} ms; {foreach / steps:.1f} : 1\n")
    assert foreach / ITEMS / 2 < 100e-6


def _took(worker: int, task: Task) -> float:
    forget_runs()
    return 1 / drained([worker], task, runs=1, wake=wakeup.send).per_second


def _seconds(steps: list[dict[str, Any]], params: dict[str, Any]) -> float:
    tools = builtin_catalogue()
    pipeline = parse({"params": params, "pipeline": steps}, tools=tools)
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        assert execute(pipeline, {"run": {"id": "r"}}, MemoryJournal(), tools, FakeClock()) == Succeeded()
        taken.append(time.perf_counter() - began)
    return median(taken)
