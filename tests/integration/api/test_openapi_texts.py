"""The OpenAPI document explains itself: nothing that is sent or answered goes without a sentence about it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models

from tasks_app.api.serializers.task_texts import TASK
from tasks_app.models import Task

_FRAGMENT = re.compile(r"(Of|In|As|For) (its|these|them|the preset|programs|people)\b")
_DEFAULT = re.compile(r"Default: ([^ .;,]+)")


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def properties(schema: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each property of a schema, and of the schemas that are written inside it."""
    for name, each in schema.get("properties", {}).items():
        yield f"{place}/{name}", each
        yield from properties(each, f"{place}/{name}")
    if "items" in schema:
        yield from properties(schema["items"], f"{place}/0")


def unexplained(told: Iterator[tuple[str, dict[str, Any]]]) -> list[str]:
    return [place for place, each in told if not is_a_sentence(each.get("description", ""))]


def is_a_sentence(text: str) -> bool:
    whole = re.match(r"[A-Z`]", text) and text.endswith((".", "}.")) and len(text.split()) > 2
    return bool(whole) and not _FRAGMENT.match(text)


@pytest.mark.parametrize("sent", [True, False], ids=["sent", "answered"])
def test_every_property_is_explained(document: dict[str, Any], sent: bool) -> None:
    schemas = document["components"]["schemas"]
    meant = {name: schema for name, schema in schemas.items() if name.endswith("Request") == sent}

    assert meant
    assert [place for name, schema in meant.items() for place in unexplained(properties(schema, name))] == []


def test_every_parameter_is_explained(document: dict[str, Any]) -> None:
    told = (
        (f"{operation['operationId']} {each['in']} {each['name']}", each)
        for operation in operations(document)
        for each in operation.get("parameters", [])
    )

    assert unexplained(told) == []


def test_every_operation_is_explained_and_names_the_scope_that_it_needs(document: dict[str, Any]) -> None:
    for operation in operations(document):
        needed = re.fullmatch(r".+\. Needs (no token|the scope [a-z:]+)\.", operation["description"])
        assert needed, operation["operationId"]
        assert (needed[1] == "no token") == (operation.get("security", []) in ([], [{}])), operation["operationId"]


def test_every_answer_is_explained(document: dict[str, Any]) -> None:
    silent = [
        f"{operation['operationId']} {status}"
        for operation in operations(document)
        for status, answer in operation["responses"].items()
        if not answer["description"]
    ]

    assert silent == []


def test_no_schema_tells_of_the_code_behind_it(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert [
        name
        for name, each in schemas.items()
        if re.search(r"\w_in`|read_|model's own|framework|Python", str(each.get("description")))
    ] == []


def test_the_document_names_the_server_that_it_comes_from(document: dict[str, Any]) -> None:
    assert [server["url"] for server in document["servers"]] == ["/"]


def test_the_defaults_that_a_tasks_fields_tell_are_those_that_they_have() -> None:
    fields: dict[str, Any] = {each.name: each for each in Task._meta.concrete_fields}
    told = {name: found[1] for name, text in TASK.items() if (found := _DEFAULT.search(text["help_text"]))}

    usual = {name: fields[name].default for name in told}
    assert told == {name: "empty" if default == "" else str(default) for name, default in usual.items()}
    plain = {name for name in TASK if fields[name].default is not models.NOT_PROVIDED and fields[name].editable}
    assert plain - told.keys() == {"dst_policy", "schedule_expr", "status"}
