"""The operator's functions: read from the environment, imported at the start."""

import math
from dataclasses import replace

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from tasks_app import python_tools
from tasks_app.conf import conf


def configured(**places: str) -> override_settings:
    return override_settings(ORDINAUT=replace(conf(), python_tools=places))


def test_entries_name_functions() -> None:
    assert python_tools.parse(["root=math:sqrt", " shop.sum=shop.tools:sum_up "]) == {
        "root": "math:sqrt",
        "shop.sum": "shop.tools:sum_up",
    }
    assert python_tools.parse([]) == {}


@pytest.mark.parametrize(
    "entry", ["", "math:sqrt", "x=math", "x=math.sqrt", "x=:f", "x=.a:f", "1=a:b", "x=a:b()", "x=a b:c"]
)
def test_what_names_no_function_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=r"write name=package\.module:function"):
        python_tools.parse([entry])


def test_a_name_stands_for_one_function() -> None:
    with pytest.raises(ValueError, match="'x' is two functions"):
        python_tools.parse(["x=a:b", "x=c:d"])


def test_the_functions_are_imported() -> None:
    with configured(root="math:sqrt"):
        assert python_tools.registered() == {"root": math.sqrt}


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("no_such_package.tools:f", "cannot be imported"),
        ("math:no_such_function", "cannot be imported"),
        ("math:pi", "is not a function"),
    ],
)
def test_a_function_that_cannot_be_had_stops_the_start_with_its_cure(place: str, fault: str) -> None:
    with (
        configured(x=place),
        pytest.raises(
            ImproperlyConfigured, match=f"ORDINAUT_PYTHON_TOOLS: {place}, for 'x', {fault}.*install its package"
        ),
    ):
        apps.get_app_config("tasks").ready()
