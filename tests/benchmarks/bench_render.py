"""What does a step cost beside its call: its condition, its templates and its record, of a pipeline of twenty steps?

The peer is the `jmespath` package alone, with which our language is evaluated: the same expressions, as far as it has them,
compiled before, each searched in the same values. It makes no text of them, checks no size, and names nothing that is missing.
"""

from collections.abc import Callable
from statistics import median
from time import thread_time
from typing import Any

import jmespath

from pipelines import builtin_catalogue, execute, parse
from pipelines.expressions import times
from tests.unit.pipelines.fakes import MOMENT, FakeClock, MemoryJournal

STEPS = 20
ROUNDS = 7
TURNS = 100
LONGEST = 100  # microseconds a step
MOST_TIMES = 2  # as long as the peer

# What templates are mostly: paths, a text with two of them, a default, a filter over a short list, the time.
INPUT = {
    "city": "${params.city}",
    "text": "${params.greeting}, ${steps.start.items[0].name}: it is ${now_date}",
    "names": "${steps.start.items[?n > `1`].name}",
    "many": "${steps.start.items | length}",
    "else": "${params.none || 'nothing'}",
    "at": "${now + 24h}",
}
CONDITION = "steps.start.items[0].n >= `0` && params.on"
OF_PEER = (
    "params.city", "params.greeting", "steps.start.items[0].name", "now_date", "steps.start.items[?n > `1`].name",
    "length(steps.start.items)", "params.none || 'nothing'", "now_iso", CONDITION,
)  # fmt: skip
PARAMS = {"city": "Chisinau", "greeting": "Hello", "on": True, "none": None}
ITEMS = [{"name": f"item {n}", "n": n} for n in range(5)]
PAYLOAD: dict[str, Any] = {
    "params": PARAMS,
    "pipeline": [
        {"id": "start", "uses": "debug.echo", "with": {"items": ITEMS}},
        *({"id": f"s{n}", "uses": "noop", "if": CONDITION, "with": INPUT} for n in range(1, STEPS)),
    ],
}


def test_a_step_is_rendered_and_evaluated_beside_jmespath_alone() -> None:
    tools = builtin_catalogue()
    pipeline = parse(PAYLOAD, tools=tools)
    scope = {"params": PARAMS, "steps": {"start": {"items": ITEMS}}, **times.words_for(MOMENT)}
    of_peer = [jmespath.compile(text) for text in OF_PEER]
    plain = {**scope, "now": scope["now_iso"]}
    rendered = pipeline.steps[1].template.render(scope)
    assert rendered["text"] == "Hello, item 0: it is 2026-10-24"

    def render() -> None:
        for step in pipeline.steps:
            if step.condition is None or step.condition(scope):
                step.template.render(scope)

    def run() -> None:
        execute(pipeline, {"run": {"id": "r"}}, MemoryJournal(), tools, FakeClock())

    def search() -> None:
        for _ in range(STEPS - 1):
            for expression in of_peer:
                expression.search(plain)

    contestants = {"rendered and evaluated": render, "and executed, recorded in memory": run, "jmespath alone": search}
    rounds = [{name: _microseconds(work) / STEPS for name, work in contestants.items()} for _ in range(ROUNDS)]
    took = {name: median(each[name] for each in rounds) for name in contestants}
    _tell(took)
    assert took["rendered and evaluated"] < LONGEST
    assert took["rendered and evaluated"] < MOST_TIMES * took["jmespath alone"]


def _microseconds(work: Callable[[], None]) -> float:
    """Processor time of one turn, the mean of many: other processes on the machine do not count."""
    work()
    began = thread_time()
    for _ in range(TURNS):
        work()
    return (thread_time() - began) / TURNS * 1e6


def _tell(took: dict[str, float]) -> None:
    print(f"\n  a step of {STEPS}, with {len(INPUT)} templates and a condition, medians of {ROUNDS} rounds")
    peer = took["jmespath alone"]
    for name, microseconds in took.items():
        print(f"  {name:<34} {microseconds:8.1f} us   {microseconds / peer:5.2f} times jmespath alone")
