"""A condition: what may stand in it, and what a look at it finds."""

from typing import Any

import pytest

from pipelines import Catalogue, InvalidPipeline, Seen, Tool, look, parse_condition
from tests.unit.pipelines.fakes import BUILTIN, FakeClock

ECHO = {"uses": "debug.echo", "with": {"temperature": "${params.degrees}"}}
TOLD = {"title": "Heat", "last_run_at": None, "last_status": None, "occurrences": 3}


def seen(
    expression: str, *, probe: Any = None, params: dict[str, Any] | None = None, tools: Catalogue = BUILTIN
) -> Seen:
    condition = parse_condition(expression, probe=probe, params=params, tools=tools)
    context = {"task": TOLD, "run": {"id": "look-1"}}
    return look(condition, context=context, tools=tools, clock=FakeClock(), deadline=110)


def faults(expression: str = "probe", *, probe: Any = None) -> list[tuple[str, str]]:
    with pytest.raises(InvalidPipeline) as refused:
        parse_condition(expression, probe=probe, tools=BUILTIN)
    return [(fault.pointer, fault.message) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("expression", "met"),
    [
        ("params.degrees > 25", True),
        ("params.degrees > `30`", False),
        ("${params.degrees == 28}", True),
        ("task.occurrences < 5 and task.last_status == null", True),
        ("task.title == 'Heat'", True),
        ("now > '2026-10-24T09:00:00Z'", True),
        ("now_date == '2026-10-25'", False),
        ("params.nothing.there", False),
        ("params.empty", False),
    ],
)
def test_a_condition_is_asked_of_params_task_and_time(expression: str, met: bool) -> None:
    assert seen(expression, params={"degrees": 28, "empty": []}) == Seen(met)


@pytest.mark.parametrize(("degrees", "met"), [(28, True), (12, False)])
def test_a_condition_is_asked_of_what_the_probe_answers(degrees: int, met: bool) -> None:
    found = seen("probe.temperature > 25", probe=ECHO, params={"degrees": degrees})

    assert found == Seen(met, {"temperature": degrees})


def test_a_probe_knows_the_time_of_the_look() -> None:
    probe = {"uses": "debug.echo", "with": {"until": "${now + 1h}"}}

    assert seen("probe.until", probe=probe).probe == {"until": "2026-10-24T13:30:15+03:00"}


def test_a_probe_with_an_effect_has_a_key_of_its_look() -> None:
    keys: list[str] = []
    tool = Tool("key.taker", lambda _given, call: keys.append(call.idempotency_key))

    assert seen("probe == null", probe={"uses": "key.taker"}, tools=Catalogue([tool])) == Seen(True)
    assert len(keys[0]) == 64


def raising(error: BaseException) -> Tool:
    def call(_given: Any, _call: Any) -> None:
        raise error

    return Tool("broken", call)


def test_a_probe_that_fails_leaves_the_condition_unknown() -> None:
    found = seen("true", probe={"uses": "broken"}, tools=Catalogue([raising(OSError("nobody there"))]))

    assert found.met is None
    assert found.error is not None
    assert (found.error.code, found.error.message) == ("tool_unreachable", "broken raised OSError: nobody there")


def test_a_probe_that_would_have_to_be_waited_for_leaves_it_unknown() -> None:
    found = seen("true", probe={"uses": "system.sleep", "with": {"seconds": 60}})

    assert found.met is None
    assert found.error is not None
    assert found.error.code == "probe_waits"


def test_a_short_wait_is_waited_for() -> None:
    assert seen("true", probe={"uses": "system.sleep", "with": {"seconds": 0.01}}).met is True


def test_a_probe_whose_input_is_undefined_leaves_it_unknown() -> None:
    found = seen("true", probe=ECHO)

    assert found.error is not None
    assert found.error.code == "undefined_reference"


def test_an_expression_that_fails_leaves_it_unknown_and_shows_what_the_probe_answered() -> None:
    found = seen("length(probe.temperature) > 1", probe=ECHO, params={"degrees": 1})

    assert (found.met, found.probe) == (None, {"temperature": 1})
    assert found.error is not None
    assert found.error.code == "expression_failed"


@pytest.mark.parametrize(
    ("expression", "cure"),
    [
        ("probe.temperature > 25", "there is no probe; give one"),
        ("steps.one", "nothing is called 'steps' here; known are task, params,"),
        ("((", "it ends too early"),
        ("a" * 1001, "at most 1000 characters"),
        ("[" * 30, "nested deeper"),
        ("${params.a} and ${params.b}", "a condition is one expression"),
    ],
)
def test_a_faulty_expression_is_named_with_the_cure(expression: str, cure: str) -> None:
    [(pointer, message)] = faults(expression)

    assert pointer == "/schedule_expr"
    assert cure in message


@pytest.mark.parametrize(
    ("probe", "pointer", "cure"),
    [
        ("http.request", "/probe", 'write {"uses"'),
        ([], "/probe", 'write {"uses"'),
        ({}, "/probe/uses", "needs the address of its tool"),
        ({"uses": "no.such"}, "/probe/uses", "there is no tool called"),
        ({"uses": "noop", "id": "x"}, "/probe/id", "known are uses, with, timeout_seconds"),
        ({"uses": "noop", "a/b": 1}, "/probe/a~1b", "is not a field of a probe"),
        ({"uses": "noop", "timeout_seconds": 0}, "/probe/timeout_seconds", "above 0"),
        ({"uses": "debug.log", "with": {"level": 5, "text": "x"}}, "/probe/with/level", "is not one of"),
        ({"uses": "noop", "with": {"x": "${steps.a}"}}, "/probe/with/x", "no step runs before"),
        ({"uses": "noop", "with": {"x": "${event.a}"}}, "/probe/with/x", "nothing is called 'event' here"),
        ({"uses": "noop", "with": {"x": "${probe.a}"}}, "/probe/with/x", "nothing is called 'probe' here"),
        ({"uses": "noop", "with": {"x": "\0"}}, "/probe/with/x", "NUL"),
        ({"uses": "noop", "with": {"x": "y" * 300_000}}, "/probe/with/x", "larger than 256 kB"),
    ],
)
def test_a_faulty_probe_is_named_with_its_place_and_the_cure(probe: Any, pointer: str, cure: str) -> None:
    [(place, message)] = faults(probe=probe)

    assert place == pointer
    assert cure in message


def test_the_faults_of_expression_and_probe_are_named_together() -> None:
    assert [pointer for pointer, _ in faults("((", probe={})] == ["/schedule_expr", "/probe/uses"]
