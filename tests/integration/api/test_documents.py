"""What the documents show is what the API takes."""

import json
import re
from pathlib import Path

import pytest
from rest_framework.test import APIClient

DOCUMENTS = Path(__file__).resolve().parents[3] / "docs"
EXAMPLES = [
    pytest.param(block, id=f"{document.stem}-{number}")
    for document in sorted(DOCUMENTS.glob("*.md"))
    for number, block in enumerate(re.findall(r"```json\n(.*?)```", document.read_text(), flags=re.DOTALL), start=1)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_task_shown_in_a_document_is_accepted(as_alice: APIClient, example: str) -> None:
    answer = as_alice.post("/api/v1/tasks", json.loads(example))

    assert answer.status_code == 201, answer.json()
