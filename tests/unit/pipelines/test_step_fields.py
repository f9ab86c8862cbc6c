"""Which fields of a step are refused when it is saved, each with its place and its cure."""

from typing import Any

import pytest

from pipelines import parse
from pipelines.retries import StepRetries
from tests.unit.pipelines.fakes import BUILTIN
from tests.unit.pipelines.test_parsing import fault_in

ONE_OF = 'is not one of fail, continue and retry, nor {"strategy": "fallback", "fallback_value": ...} with a value'
WHOLE = "is not a whole number from 0 to 10"
DELAY = "is not a number of seconds from 0.1 to 3600"


def parsed(**fields: Any) -> Any:
    [step] = parse({"pipeline": [{"uses": "noop", **fields}]}, tools=BUILTIN).steps
    return step


@pytest.mark.parametrize(
    ("fields", "retries"),
    [
        ({}, None),
        ({"max_retries": 0}, StepRetries(0)),
        ({"max_retries": 10, "retry_delay": 0.1}, StepRetries(10, (0.1,))),
        ({"retry_count": 3, "retry_delay": [1, 2, 3600]}, StepRetries(3, (1.0, 2.0, 3600.0))),
        ({"on_error": "retry"}, StepRetries(3)),
        ({"on_error": "retry", "retry_delay": 2}, StepRetries(3, (2.0,))),
        ({"on_error": "retry", "max_retries": 5}, StepRetries(5)),
        ({"on_error": "continue"}, None),
    ],
)
def test_how_often_a_step_is_tried_again(fields: dict[str, Any], retries: StepRetries | None) -> None:
    assert parsed(**fields).retries == retries


@pytest.mark.parametrize(
    ("on_error", "recovers", "fallback"),
    [
        ("fail", False, None),
        ("retry", False, None),
        ("continue", True, None),
        ({"strategy": "fallback", "fallback_value": [1]}, True, [1]),
    ],
)
def test_what_becomes_of_a_failure(on_error: Any, recovers: bool, fallback: Any) -> None:
    recovery = parsed(on_error=on_error).recovery

    assert (recovery is not None) is recovers
    if fallback is not None:
        assert recovery.fallback.constant == fallback


@pytest.mark.parametrize(
    ("fields", "place", "says"),
    [
        ({"max_retries": -1}, "max_retries", WHOLE),
        ({"max_retries": 11}, "max_retries", WHOLE),
        ({"max_retries": 1.5}, "max_retries", WHOLE),
        ({"max_retries": True}, "max_retries", WHOLE),
        ({"max_retries": None}, "max_retries", WHOLE),
        ({"retry_count": "3"}, "retry_count", WHOLE),
        ({"max_retries": 1, "retry_count": 1}, "retry_count", "another name of max_retries; give one"),
        ({"max_retries": 1, "retry_delay": 0.05}, "retry_delay", DELAY),
        ({"max_retries": 1, "retry_delay": 3601}, "retry_delay", DELAY),
        ({"max_retries": 1, "retry_delay": True}, "retry_delay", DELAY),
        ({"max_retries": 1, "retry_delay": "1"}, "retry_delay", DELAY),
        ({"max_retries": 1, "retry_delay": [1, 0]}, "retry_delay/1", DELAY),
        ({"max_retries": 1, "retry_delay": [[1]]}, "retry_delay/0", DELAY),
        ({"max_retries": 1, "retry_delay": []}, "retry_delay", "has 0 delays; give 1 to 10"),
        ({"max_retries": 1, "retry_delay": [1] * 11}, "retry_delay", "has 11 delays; give 1 to 10"),
        ({"retry_delay": 1}, "retry_delay", "nothing says how often; add max_retries"),
        ({"on_error": "ignore"}, "on_error", ONE_OF),
        ({"on_error": None}, "on_error", ONE_OF),
        ({"on_error": ["retry"]}, "on_error", ONE_OF),
        ({"on_error": {"strategy": "fallback"}}, "on_error", ONE_OF),
        ({"on_error": {"fallback_value": 1}}, "on_error", ONE_OF),
        ({"on_error": {"strategy": "fallback", "fallback_value": 1, "x": 2}}, "on_error", ONE_OF),
        ({"on_error": {"strategy": "retry", "fallback_value": 1}}, "on_error/strategy", "is not fallback"),
        (
            {"on_error": {"strategy": "fallback", "fallback_value": {"a/b": ["${stepz.x}"]}}},
            "on_error/fallback_value/a~1b/0",
            "nothing is called 'stepz', did you mean 'steps'?",
        ),
        (
            {"id": "me", "on_error": {"strategy": "fallback", "fallback_value": "${steps.me.error}"}},
            "on_error/fallback_value",
            "step 'me' has not run yet here",
        ),
        ({"on_error": {"strategy": "fallback", "fallback_value": "{{ x }}"}}, "on_error/fallback_value", "${x}"),
        ({"idempotency_key": 17}, "idempotency_key", "is not a text or a template"),
        ({"idempotency_key": None}, "idempotency_key", "is not a text or a template"),
        ({"idempotency_key": ""}, "idempotency_key", "is not a key: a key has 1 to 255 printable ASCII"),
        ({"idempotency_key": "ș"}, "idempotency_key", "is not a key"),
        ({"idempotency_key": "${params.a"}, "idempotency_key", "is not closed"),
        ({"idempotency_key": "${steps.x.y}"}, "idempotency_key", "no step is called 'x'"),
        ({"idempotency_key": "${run.attempt}"}, "idempotency_key", "`run.attempt` is another in every attempt"),
        ({"idempotency_key": "k:${run.fence}"}, "idempotency_key", "`run.fence` is another in every attempt"),
        ({"idempotency_key": "${to_string(run)}"}, "idempotency_key", "`run` is another in every attempt"),
        ({"idempotency_ttl_seconds": 60}, "idempotency_ttl_seconds", "add idempotency_key"),
        ({"idempotency_key": "k", "idempotency_ttl_seconds": 0}, "idempotency_ttl_seconds", "from 1 to 2592000"),
        ({"idempotency_key": "k", "idempotency_ttl_seconds": True}, "idempotency_ttl_seconds", "is not a whole number"),
        ({"idempotency_key": "k", "idempotency_ttl_seconds": 2_592_001}, "idempotency_ttl_seconds", "30 days"),
    ],
)
def test_a_wrong_field_is_refused_at_its_place(fields: dict[str, Any], place: str, says: str) -> None:
    pointer, message = fault_in({"uses": "noop", **fields})

    assert pointer == f"/pipeline/0/{place}"
    assert says in message


def test_a_key_or_a_fallback_that_names_the_time_reads_the_clock() -> None:
    for fields in (
        {"idempotency_key": "${now_date}"},
        {"on_error": {"strategy": "fallback", "fallback_value": "${now}"}},
    ):
        assert parse({"pipeline": [{"uses": "noop", **fields}]}).reads_clock


def test_a_key_may_name_what_stays_the_same_in_the_run() -> None:
    assert parsed(idempotency_key="${run.id}:${task.id}:${now_iso}").key.fill is not None
