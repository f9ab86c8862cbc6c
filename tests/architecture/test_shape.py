"""Files and functions stay small enough to be read at once, and named for what they are about."""

import ast
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command

from tests.architecture.sources import folders, modules

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
NAMELESS = {"utils", "util", "common", "helpers", "helper", "misc", "shared", "base", "core", "manager"}


def functions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_no_file_is_too_long_to_be_read() -> None:
    lengths = {name: len(text.splitlines()) for name, text in modules()}

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    longest = {
        f"{name}:{function.name}": length
        for name, text in modules()
        for function in functions(text)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    }

    assert longest == {}


def test_no_module_is_named_for_nothing() -> None:
    names = {name.rpartition("/")[2].removesuffix(".py") for name, _ in modules()} | {each.name for each in folders()}

    assert names & NAMELESS == set()


def test_every_module_says_first_what_it_is_about() -> None:
    silent = [
        name
        for name, text in modules()
        if text.strip() and not name.endswith(("apps.py", "urls.py")) and ast.get_docstring(ast.parse(text)) is None
    ]

    assert silent == []


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration() -> None:
    answer = StringIO()

    call_command("makemigrations", "--check", "--dry-run", stdout=answer)

    assert "No changes detected" in answer.getvalue()


def test_nothing_is_left_to_be_done_later() -> None:
    words = ("TODO", "FIXME", "XXX", "raise NotImplementedError")
    left = [f"{name}: {word}" for name, text in modules() for word in words if word in text]

    assert left == []
