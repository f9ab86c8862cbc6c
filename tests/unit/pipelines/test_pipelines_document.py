"""What docs/pipelines.md shows is what the steps do."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipelines import ErrorClass, Failed, Parked, StepError, StepRecord, Tool, ToolFailure, block_fields
from pipelines.parsing import FIELDS
from tests.unit.pipelines.fakes import BUILTIN, MemoryJournal, run

TEXT = (Path(__file__).parents[3] / "docs" / "pipelines.md").read_text()
EXAMPLE = r"```json weather.forecast fails (\d) times?\n(.*?)```\n```text( in any order)?\n(.*?)```"
EXAMPLES = re.findall(EXAMPLE, TEXT, flags=re.DOTALL)


class TellingJournal(MemoryJournal):
    """Writes down what the document shows."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def keep(self, record: StepRecord) -> None:
        self.lines.append(told(record))

    checkpoint = keep

    def remember(self, record: StepRecord, *, seconds: int) -> None:
        super().remember(record, seconds=seconds)
        self.keep(record)

    def wait(self, seconds: float) -> bool:
        self.lines.append(f"{seconds:g} s later")
        return False


def told(record: StepRecord) -> str:
    mark = f" ({record.mark})" if record.mark else ""
    output = f" with {json.dumps(record.output)}" if record.output is not None else ""
    failures = f", its tries that failed: {record.failures}" if record.failures else ""
    return f"{record.step}: {record.state}{mark}{output}{failures}"


def became(outcome: Any) -> str:
    if isinstance(outcome, Parked):
        return f"the run: waits {outcome.seconds:g} s for a {outcome.postponed}"
    return f"the run: failed at {outcome.step}" if isinstance(outcome, Failed) else "the run: succeeded"


@pytest.mark.parametrize(("failures", "steps", "any_order", "expected"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_a_pipeline_shown_does_what_is_shown_below_it(failures: str, steps: str, any_order: str, expected: str) -> None:
    left = [ToolFailure(StepError(ErrorClass.RETRYABLE, "busy", "Later."))] * int(failures)

    def forecast(_given: Any, _call: Any) -> Any:
        if left:
            raise left.pop()
        return {"summary": "sunny"}

    paid: list[str] = []

    def pay(_given: Any, call: Any) -> Any:
        paid.append(call.idempotency_key)
        return {"key": call.idempotency_key}

    tools = BUILTIN.with_tools(
        Tool("weather.forecast", forecast, safe_to_retry=True),
        Tool("shop.pay", pay, safe_to_retry=True),
    )
    journal = TellingJournal()

    outcome = run(*json.loads(steps), tools=tools, journal=journal).outcome

    if "1 call of shop.pay" in expected:
        assert paid == ["invoice:A-17"]
        expected = expected.replace(", with 1 call of shop.pay", "")
    lines, shown = [*journal.lines, became(outcome)], expected.splitlines()
    if any_order:
        lines.sort()
        shown.sort()
    assert lines == shown


def test_every_example_is_read() -> None:
    assert len(EXAMPLES) == TEXT.count("```json weather.forecast") == 12


def test_every_field_is_explained() -> None:
    [table] = re.findall(r"^\| field .*?\n\n", TEXT, flags=re.DOTALL | re.MULTILINE)

    assert set(re.findall(r"`(\w+)`", table)) >= set(FIELDS)


@pytest.mark.parametrize("address", sorted(block_fields.ADDRESSES))
def test_every_step_that_holds_others_is_explained_with_all_that_it_takes(address: str) -> None:
    fields = BUILTIN.get(address).input_schema["properties"]

    assert [name for name in (address, *fields) if f"`{name}`" not in TEXT] == []
