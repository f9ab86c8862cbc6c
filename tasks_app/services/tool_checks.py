"""What can be wrong with the entry of a tool, each thing at its place."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError

from pipelines.schema_rules import InvalidSchema
from pipelines.schemas import Check, SchemaMismatch, compile_schema
from pipelines.step_fields import MAX_TIMEOUT_SECONDS
from pipelines.transports import TRANSPORTS, InvalidEntry, tool_of
from pipelines.values import UnfitValue, pointer_part, spend
from tasks_app import catalogue
from tasks_app.brought_tools import entry_of, limit_of
from tasks_app.exceptions import Fault
from tasks_app.masking import speaks_of_a_secret
from tasks_app.models import Tool
from tasks_app.services import faults

MOST_BYTES: Final = 256_000
MOST_EXAMPLES: Final = 20
MOST_SCOPES: Final = 20
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}(\.[a-z][a-z0-9_-]{0,63})+")
_SCOPE: Final = re.compile(r"[a-z][a-z0-9_.:-]{0,99}")
_A_SECRET: Final = "${secrets("  # noqa: S105 - the place of one


def faults_of(tool: Tool) -> list[Fault]:
    """Everything that is wrong with its definition, as pointers into it. Reaches nothing outside."""
    definition = tool.definition
    if formal := list(_of_fields(tool)) or list(_of_forms(definition)):
        return formal
    found = [*credentials_in(definition["settings"], "/settings"), *_of_schemas(definition)]
    return found or list(_of_transport(definition))


def _of_fields(tool: Tool) -> Iterator[Fault]:
    try:
        # JSON is checked by its own rules: an empty object is no missing one.
        tool.full_clean(
            exclude=["settings", "input_schema", "output_schema", "examples", "scopes"],
            validate_unique=False,
            validate_constraints=False,
        )
    except ValidationError as error:
        yield from faults.of_model(error)


def _of_forms(definition: Mapping[str, Any]) -> Iterator[Fault]:
    address, transport = definition["address"], definition["transport"]
    if not _ADDRESS.fullmatch(address):
        message = "An address is namespace.name: small letters, digits, _ and -, each part begun by a letter."
        yield Fault("/address", message)
    elif address in catalogue.builtin():
        yield Fault("/address", "This is the address of a built-in tool: choose another.")
    if transport not in TRANSPORTS:
        yield Fault("/transport", f"This is no transport: use one of {', '.join(TRANSPORTS)}.")
    if not 0 < definition["timeout_seconds"] <= MAX_TIMEOUT_SECONDS:
        yield Fault("/timeout_seconds", f"Give more than 0 and at most {MAX_TIMEOUT_SECONDS} seconds.")
    yield from _of_scopes(definition["scopes"])
    try:
        limit_of(address, definition["rate_limit"])
    except ValueError:
        yield Fault("/rate_limit", "Write count/unit, such as 5/s, 10/m, 100/h or 1000/d, or null for no limit.")
    for name in ("settings", "input_schema", "output_schema"):
        if not isinstance(definition[name], dict):
            yield Fault(f"/{name}", "Give a JSON object.")
    yield from _of_examples(definition["examples"])
    try:
        spend(definition, MOST_BYTES)
    except UnfitValue as unfit:
        yield Fault(unfit.pointer, f"The entry cannot be kept: it is {unfit.reason}.")


def _of_scopes(scopes: Any) -> Iterator[Fault]:
    if not isinstance(scopes, list) or len(scopes) > MOST_SCOPES:
        yield Fault("/scopes", f"Give a list of at most {MOST_SCOPES} scopes.")
        return
    for position, scope in enumerate(scopes):
        if not isinstance(scope, str) or not _SCOPE.fullmatch(scope):
            yield Fault(f"/scopes/{position}", "Write a scope in small letters, such as calendar.read.")


def _of_examples(examples: Any) -> Iterator[Fault]:
    if not isinstance(examples, list) or len(examples) > MOST_EXAMPLES:
        yield Fault("/examples", f"Give a list of at most {MOST_EXAMPLES} examples.")
        return
    for position, example in enumerate(examples):
        if not isinstance(example, dict) or not example.keys() <= {"input", "output", "description"}:
            yield Fault(
                f"/examples/{position}", 'Write {"input": {...}, "output": ...}, with a description if you like.'
            )


def credentials_in(settings: Any, place: str, *, name: str = "") -> Iterator[Fault]:
    """A credential that is written down would be shown to whoever may read the catalogue."""
    if isinstance(settings, str) and settings and speaks_of_a_secret(name) and _A_SECRET not in settings:
        message = "Write no credential here: put it under /api/v1/secrets, and ${secrets('its-name')} in its place."
        yield Fault(place, message)
    elif isinstance(settings, dict):
        for inner, value in settings.items():
            yield from credentials_in(value, f"{place}/{pointer_part(inner)}", name=inner)
    elif isinstance(settings, list):
        for position, value in enumerate(settings):
            yield from credentials_in(value, f"{place}/{position}", name=name)


def _of_schemas(definition: Mapping[str, Any]) -> Iterator[Fault]:
    for name, part in (("input_schema", "input"), ("output_schema", "output")):
        try:
            check = compile_schema(definition[name])
        except InvalidSchema as invalid:
            yield Fault(f"/{name}{invalid.pointer}", f"The schema cannot be used: {invalid.reason}.")
        else:
            yield from _of_shown(definition["examples"], part, check)


def _of_shown(examples: list[dict[str, Any]], part: str, check: Check | None) -> Iterator[Fault]:
    if check is None:
        return
    for position, example in enumerate(examples):
        if part not in example:
            continue
        try:
            check(example[part])
        except SchemaMismatch as mismatch:
            place = f"/examples/{position}/{part}{mismatch.pointer}"
            yield Fault(place, f"The example does not fit the schema: it {mismatch.reason}.")


def _of_transport(definition: Mapping[str, Any]) -> Iterator[Fault]:
    try:
        tool_of(entry_of(definition), catalogue.outside())
    except InvalidEntry as invalid:
        yield from (Fault(fault.pointer, fault.message) for fault in invalid.faults)
