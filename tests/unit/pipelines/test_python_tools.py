"""The transport python: a function of the operator's is a tool."""

from typing import Any

from pipelines import Catalogue, ErrorClass, Failed, ToolCall
from pipelines.egress.addresses import AddressGuard
from pipelines.transports import tool_of
from pipelines.transports.entry import Entry, Outside
from tests.unit.pipelines.fakes import Ran, run


def called(function: Any, given: dict[str, Any], **fields: Any) -> Ran:
    entry = Entry(address="shop.count", transport="python", settings={"callable": "count"}, **fields)
    tool = tool_of(entry, Outside(guard=AddressGuard(), callables={"count": function}))
    return run({"uses": "shop.count", "with": given}, tools=Catalogue([tool]))


def test_a_function_gets_the_input_and_the_call() -> None:
    def count(given: dict[str, Any], call: ToolCall) -> dict[str, Any]:
        return {"count": len(given["items"]), "key": call.idempotency_key, "step": call.step}

    output = called(count, {"items": [1, 2]}).journal.records[-1].output

    assert (output["count"], output["step"], len(output["key"])) == (2, "step_1", 64)


def test_what_a_function_raises_is_its_steps_failure() -> None:
    def count(given: Any, call: ToolCall) -> Any:
        raise KeyError("items")

    ran = called(count, {}, safe_to_retry=True)

    assert isinstance(ran.outcome, Failed)
    assert (ran.outcome.error.error_class, ran.outcome.error.code) == (ErrorClass.PERMANENT, "tool_crashed")
    assert "shop.count raised KeyError: 'items'" in ran.outcome.error.message


def test_what_cannot_be_stored_is_refused() -> None:
    ran = called(lambda given, call: {1, 2}, {})

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.code == "invalid_output"


def test_a_function_keeps_the_entrys_schemas() -> None:
    schema = {"type": "object", "required": ["items"]}

    ran = called(lambda given, call: 1, {}, output_schema=schema)

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.code == "invalid_output"
