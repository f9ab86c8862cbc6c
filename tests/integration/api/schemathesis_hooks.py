"""What schemathesis is told beside the OpenAPI document; its process imports this file."""

import math
import os
from collections import Counter
from typing import Any

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core import NOT_SET

ASKER, ANOTHER = os.environ["ORDINAUT_ASKER"], os.environ["ORDINAUT_ANOTHER"]
EVERY = int(os.environ["ORDINAUT_CONFORMANCE_EVERY"])
_seen: Counter[str] = Counter()


@schemathesis.hook
def before_call(context: HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    """Who asks is an administrator, and would disable itself or end its own logins at some time: it does so to another."""
    parameters = case.path_parameters or {}
    if parameters.get("id") == ASKER:
        parameters["id"] = ANOTHER


@schemathesis.hook
def filter_case(context: HookContext, case: Case) -> bool:
    """Of the cases that are made systematically, every so manieth of each operation."""
    if case.meta is None or case.meta.phase.name.value != "coverage":
        return True
    _seen[case.operation.label] += 1
    return _seen[case.operation.label] % EVERY == 0


@schemathesis.hook
def filter_body(context: HookContext, body: Any) -> bool:
    """Free JSON holds no numbers beyond 64 bits, which no schema of free JSON can say: test_input.py sends them."""
    return body is NOT_SET or _is_kept(body)


def _is_kept(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_kept(each) for each in value.values())
    if isinstance(value, list):
        return all(_is_kept(each) for each in value)
    return not isinstance(value, int | float) or (math.isfinite(value) and abs(value) < 2**63)
