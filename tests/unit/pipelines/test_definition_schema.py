"""The schema that editors use refuses nothing that the parser takes, and what it can of what the parser refuses."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipelines import InvalidPipeline, parse, parsing
from pipelines.definition_schema import definition_schema
from tests.unit.pipelines.fakes import BUILTIN

SCHEMA = definition_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
NOOP = {"uses": "noop"}

GOOD: list[Any] = [
    {"pipeline": [NOOP]},
    {"params": {"city": "Chisinau"}, "pipeline": [NOOP]},
    {"pipeline": [NOOP] * parsing.MAX_STEPS},
    *(
        {"pipeline": [NOOP | step]}
        for step in (
            {"id": "a-b_1", "save_as": "c"},
            {"id": "_" + "x" * 63},
            {"save_as": None, "with": None, "if": None, "timeout_seconds": None},
            {"with": {"text": "${now_iso}"}},
            {"with": "${params}"},
            {"if": True},
            {"if": "params.on"},
            {"if": "${params.on}"},
            {"description": "x" * 2000},
            {"timeout_seconds": 0.1},
            {"timeout_seconds": 300},
            {"max_retries": 0},
            {"retry_count": 10},
            {"max_retries": 1, "retry_delay": 0.1},
            {"retry_count": 1, "retry_delay": [1, 3600]},
            {"on_error": "retry", "retry_delay": [1] * 10},
            {"on_error": "fail"},
            {"on_error": "continue"},
            {"on_error": {"strategy": "fallback", "fallback_value": None}},
            {"idempotency_key": "x" * 255},
            {"idempotency_key": "x", "idempotency_ttl_seconds": 1},
            {"depends_on": []},
            {"parallel_group": "checks"},
            {"idempotency_key": "${params.a}:" + "b" * 300},
        )
    ),
]
BAD: list[Any] = [
    None,
    [],
    {},
    {"pipeline": None},
    {"pipeline": []},
    {"pipeline": NOOP},
    {"pipeline": [None]},
    {"pipeline": [{}]},
    {"pipeline": [NOOP] * (parsing.MAX_STEPS + 1)},
    {"pipeline": [NOOP], "steps": []},
    {"pipeline": [NOOP], "params": []},
    {"pipeline": [NOOP], "params": None},
    *(
        {"pipeline": [NOOP | step]}
        for step in (
            {"uses": ""},
            {"uses": None},
            {"id": ""},
            {"id": None},
            {"id": "1st"},
            {"id": "x" * 65},
            {"save_as": "a b"},
            {"save_as": 1},
            {"with": []},
            {"with": "text"},
            {"if": ""},
            {"if": " "},
            {"if": 1},
            {"description": None},
            {"description": "x" * 2001},
            {"timeout_seconds": 0},
            {"timeout_seconds": 301},
            {"timeout_seconds": "5"},
            {"timeout_seconds": True},
            {"max_retries": -1},
            {"max_retries": 11},
            {"max_retries": 1.5},
            {"max_retries": None},
            {"retry_count": True},
            {"max_retries": 1, "retry_count": 1},
            {"retry_delay": 1},
            {"max_retries": 1, "retry_delay": 0},
            {"max_retries": 1, "retry_delay": 3601},
            {"max_retries": 1, "retry_delay": []},
            {"max_retries": 1, "retry_delay": [1] * 11},
            {"max_retries": 1, "retry_delay": [[1]]},
            {"on_error": None},
            {"on_error": "ignore"},
            {"on_error": {"strategy": "fallback"}},
            {"on_error": {"strategy": "retry", "fallback_value": 1}},
            {"on_error": {"strategy": "fallback", "fallback_value": 1, "x": 1}},
            {"idempotency_key": ""},
            {"idempotency_key": " a"},
            {"idempotency_key": "x" * 256},
            {"idempotency_key": 7},
            {"idempotency_ttl_seconds": 1},
            {"idempotency_key": "x", "idempotency_ttl_seconds": 0},
            {"idempotency_key": "x", "idempotency_ttl_seconds": 2_592_001},
            {"idempotency_key": "x", "idempotency_ttl_seconds": 1.5},
            {"depends_on": "a"},
            {"depends_on": [1]},
            {"parallel_group": "a b"},
            {"retries": 1},
        )
    ),
]
NOT_SAID_BY_A_SCHEMA = [
    {"pipeline": [{"id": "a", **NOOP}, {"id": "a", **NOOP}]},
    {"pipeline": [{"uses": "noop", "if": "a =="}]},
    {"pipeline": [{"uses": "noop", "with": {"x": "${steps.later}"}}]},
]


def fits_parser(definition: Any) -> bool:
    try:
        parse(definition)
    except InvalidPipeline:
        return False
    return True


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert "$id" not in SCHEMA


@pytest.mark.parametrize("definition", GOOD, ids=lambda each: json.dumps(each)[:80])
def test_both_take_what_is_good(definition: Any) -> None:
    assert fits_parser(definition)
    assert VALIDATOR.is_valid(definition)


@pytest.mark.parametrize("definition", BAD, ids=lambda each: json.dumps(each)[:80])
def test_both_refuse_what_has_the_wrong_shape(definition: Any) -> None:
    assert not fits_parser(definition)
    assert not VALIDATOR.is_valid(definition)


@pytest.mark.parametrize("definition", NOT_SAID_BY_A_SCHEMA, ids=["names", "expressions", "references"])
def test_what_no_schema_can_say_the_parser_alone_refuses(definition: Any) -> None:
    assert not fits_parser(definition)
    assert VALIDATOR.is_valid(definition)


def test_every_field_of_a_step_is_explained_to_an_editor() -> None:
    fields = SCHEMA["$defs"]["step"]["properties"]

    assert fields.keys() == set(parsing.FIELDS)
    assert all(field["title"] and field["description"] for field in fields.values())


def test_with_a_catalogue_only_its_tools_can_be_used() -> None:
    schema = definition_schema(BUILTIN)

    assert schema["$defs"]["step"]["properties"]["uses"]["enum"] == sorted(tool.address for tool in BUILTIN)
    assert not Draft202012Validator(schema).is_valid({"pipeline": [{"uses": "no.such"}]})


@pytest.mark.parametrize(
    ("uses", "holding"),
    [
        ("pipeline.foreach", lambda steps: {"items_path": "params.items", "body": steps}),
        ("pipeline.parallel", lambda steps: {"branches": [steps, [NOOP]]}),
        ("pipeline.parallel", lambda steps: {"branches": {"left": steps, "right": [NOOP]}}),
        ("orchestrator.conditional_execution", lambda steps: {"condition": "params.x", "then": steps}),
        ("orchestrator.conditional_logic", lambda steps: {"cases": [{"if": "params.x", "then": steps}]}),
    ],
)
def test_the_steps_inside_a_step_have_the_same_schema(uses: str, holding: Callable[[Any], Any]) -> None:
    def fits(steps: Any) -> bool:
        return VALIDATOR.is_valid({"pipeline": [{"uses": uses, "with": holding(steps)}]})

    assert fits([NOOP])
    assert not fits([{"uses": "noop", "retries": 1}])
    assert not fits([])


def test_the_pipelines_of_the_documents_fit() -> None:
    text = (Path(__file__).parents[3] / "docs" / "pipelines.md").read_text()

    shown = re.findall(r"```json weather.forecast.*?\n(.*?)```", text, flags=re.DOTALL)

    assert shown
    assert all(VALIDATOR.is_valid({"pipeline": json.loads(steps)}) for steps in shown)
