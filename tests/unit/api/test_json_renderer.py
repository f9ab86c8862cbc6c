"""What is answered as JSON, in the words of the framework's own renderer."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from rest_framework.renderers import JSONRenderer

from tasks_app.api.json_renderer import FastJSONRenderer
from tasks_app.states import TaskStatus

VALUES: dict[str, Any] = {
    "an instant": datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC),
    "a whole second": datetime(2026, 3, 1, 12, tzinfo=UTC),
    "an id": UUID("0b7a4d1e-0000-4000-8000-000000000001"),
    "a choice": TaskStatus.ACTIVE,
    "a duration": timedelta(seconds=90),
    "a decimal": Decimal("1.50"),
    "a key that is no text": {1: "one"},
    "letters": "Chișinău 🙂",
    "a large number": 10**30,
    "nothing": {"a": None, "b": [], "c": ()},
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_it_reads_as_what_the_framework_would_have_written(value: Any) -> None:
    ours, theirs = FastJSONRenderer().render({"value": value}), JSONRenderer().render({"value": value})

    assert json.loads(ours) == json.loads(theirs)


def test_no_answer_has_no_bytes_and_one_may_be_asked_for_indented() -> None:
    assert FastJSONRenderer().render(None) == b""
    assert FastJSONRenderer().render({"a": 1}, "application/json; indent=2") == b'{\n  "a": 1\n}'
