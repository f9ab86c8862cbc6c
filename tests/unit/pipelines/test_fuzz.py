"""Whatever is sent as an expression or a pipeline is taken or refused, soon, and nothing else happens.

`make fuzz` asks far more: ORDINAUT_FUZZ_EXPRESSIONS and ORDINAUT_FUZZ_DEFINITIONS say how many cases.
"""

import contextlib
import gc
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipelines import InvalidPipeline, StepFailed, Tool, parse
from pipelines.definition_schema import definition_schema
from pipelines.expressions import times
from pipelines.expressions.compiler import InvalidExpression, compile_expression, compile_query, truth
from pipelines.simulation import SimulatedCatalogue
from pipelines.templates import InvalidTemplate, compile_template
from tests.unit.pipelines.fakes import BUILTIN, MOMENT, FakeClock, MemoryJournal, execute
from tests.unit.pipelines.fuzzing import EXAMPLES, Tally, definition, expression

pytestmark = pytest.mark.no_cover  # three times as slow when measured

EXPRESSIONS = int(os.environ.get("ORDINAUT_FUZZ_EXPRESSIONS", "2000"))
DEFINITIONS = int(os.environ.get("ORDINAUT_FUZZ_DEFINITIONS", "500"))
LONGEST = 0.2 if "COVERAGE_RUN" not in os.environ else 10  # seconds of the thread's processor time

DEEP: Any = "x"
for _ in range(30):
    DEEP = [DEEP]
PARAMS: dict[str, Any] = {
    "n": 3, "text": "a,b" * 5_000, "names": ["a", "b"], "many": list(range(2_000)), "deep": DEEP, "nothing": None,
    "items": [{"name": "a", "price": 10}, {"name": "b"}],
}  # fmt: skip
SCOPE = {
    "params": PARAMS, "steps": {"a": {"b": [1, 2]}}, "event": {"payload": {}}, "item": {"x": 1}, **times.words_for(MOMENT)
}  # fmt: skip
USED = {step["uses"] for task in EXAMPLES for step in task.get("payload", task)["pipeline"]}
OF_OTHERS = sorted(address for address in USED if address not in BUILTIN and not address.startswith("pipeline."))
TOOLS = BUILTIN.with_tools(*(Tool(address, lambda given, _call: given) for address in OF_OTHERS))
VALIDATOR = Draft202012Validator(definition_schema())


@pytest.fixture(autouse=True)
def _only_the_cases_are_measured() -> Iterator[None]:
    """What this process has loaded is not looked through by the garbage collector in the time of some case."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def evaluated(text: str) -> str:
    """As a template, a condition, an expression and a query: what may happen to each is said where it is declared."""
    for compiled in (lambda: truth(text)[0], lambda: compile_expression(text).evaluate, lambda: compile_query(text)):
        with contextlib.suppress(InvalidExpression, StepFailed):
            compiled()(SCOPE)
    template = None
    try:
        template = compile_template({"x": f"${{{text}}}", "y": text})
    except* InvalidTemplate:
        pass
    if template is None:
        return "refused"
    try:
        template.render(SCOPE)
    except StepFailed:
        return "failed"
    return "evaluated"


def parsed(payload: Any) -> str:
    try:
        pipeline = parse(payload, tools=TOOLS)
    except InvalidPipeline as invalid:
        pointers = [fault.pointer for fault in invalid.faults]
        return "refused" if pointers and all(map(_is_pointer, pointers)) else "refused without saying where"
    assert VALIDATOR.is_valid(payload), "the schema refuses what the parser takes"
    context = {
        "run": {"id": "r"},
        "agent": {"id": "a"},
        "event": {"payload": {}},
        "trigger": "event",
        "task": {"id": "t"},
    }
    outcome = execute(pipeline, context, MemoryJournal(), SimulatedCatalogue(TOOLS), FakeClock())
    return type(outcome).__name__.lower()


def _is_pointer(text: str) -> bool:
    return text == "" or text.startswith("/")


def test_an_expression_is_evaluated_or_refused_soon(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()

    for number in range(EXPRESSIONS):
        text = expression(number)
        tally.take(number, text, lambda text=text: evaluated(text))  # type: ignore[misc]

    with capsys.disabled():
        _tell("expressions", tally)
    assert tally.slowest < LONGEST, tally
    assert set(tally.became) == {"refused", "failed", "evaluated"}


def test_a_definition_is_carried_out_or_refused_soon(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()

    for number in range(DEFINITIONS):
        payload = definition(number)
        tally.take(number, repr(payload), lambda payload=payload: parsed(payload))  # type: ignore[misc]

    with capsys.disabled():
        _tell("definitions", tally)
    assert tally.slowest < LONGEST, tally
    assert set(tally.became) == {"refused", "succeeded", "failed"}


def test_a_request_with_a_definition_has_an_answer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way of a POST as far as it needs no database: read, shaped, judged, and the answer written."""
    from tasks_app.services import drafts

    monkeypatch.setattr(drafts, "catalogue", lambda: TOOLS)
    tally = Tally()

    for number in range(DEFINITIONS):
        body = json.dumps(
            {"title": "t", "schedule_kind": "manual", "payload": definition(number)}, default=str
        ).encode()
        tally.take(number, repr(body), lambda body=body: answered(body))  # type: ignore[misc]

    with capsys.disabled():
        _tell("requests", tally)
    assert tally.slowest < LONGEST, tally
    assert set(tally.became) == {"malformed", "misshapen", "refused", "taken"}


def answered(body: bytes) -> str:
    from rest_framework.exceptions import ValidationError

    from tasks_app.api import errors, legacy, parsers
    from tasks_app.api.serializers.task import TaskSerializer
    from tasks_app.services import drafts

    try:
        read = parsers.read(body)
    except errors.MalformedBody as malformed:
        json.dumps([vars(fault) for fault in errors._faults_of(malformed)])
        return "malformed"
    sent = TaskSerializer(data=legacy.modern_task(read))
    if not sent.is_valid():
        json.dumps([vars(fault) for fault in errors._faults_of(ValidationError(sent.errors))])
        return "misshapen"
    found = drafts.judge(sent.validated_data["payload"])
    json.dumps([vars(fault) for fault in found.faults]).encode()
    return "refused" if found.faults else "taken"


def _tell(what: str, tally: Tally) -> None:
    if "ORDINAUT_FUZZ_EXPRESSIONS" in os.environ:
        sys.stdout.write(f"\n{what}: {tally}\n")
