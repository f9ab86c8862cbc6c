"""Whose a row is is asked in one place: no model, no address of the API and nothing beside them goes around it."""

import ast
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models
from django.urls import get_resolver

from tasks_app.models import Agent
from tasks_app.models.owned import OwnedQuerySet
from tests.architecture.sources import modules

# Rows that no address shows: bookkeeping of the platform, reached through what owns them.
NEVER_SHOWN = {
    "Announcement": "told to waiting runs, and forgotten",
    "Census": "how many runs of an agent count",
    "EventWait": "part of a run",
    "RememberedStep": "what a run's call came to, read by the run's executor",
    "Spending": "what budgets were used up",
    "TokenFamily": "a login, proven by its own token",
}
OWNERS = {"agent", "created_by", "owner"}
ASKING = {"owned_by", "seen_by", "none"}
# The one reader of a row that is another's: whoever the run's own step names as its approver.
ELSEWHERE = {
    ("tasks_app/api/views/run.py", "_judged"),
    ("tasks_app/api/views/task.py", ""),  # put together when the module is loaded; each use begins with owned_by
}


def shown_models() -> list[type[models.Model]]:
    return [each for each in apps.get_app_config("tasks").get_models() if each.__name__ not in NEVER_SHOWN]


def owned_models() -> list[type[models.Model]]:
    return [each for each in shown_models() if isinstance(each._default_manager.all(), OwnedQuerySet)]


def parts_of_owned_ones() -> set[str]:
    """Models that no owner is written in, but a row that has one."""
    owned = set(owned_models())
    pointing = {
        each.__name__
        for each in shown_models()
        for field in each._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model in owned
    }
    return pointing - {each.__name__ for each in owned}


@pytest.mark.parametrize("model", shown_models(), ids=lambda model: model.__name__)
def test_a_model_with_an_owner_has_its_rows_asked_by_the_one_rule(model: type[models.Model]) -> None:
    named = OWNERS & {field.name for field in model._meta.get_fields() if not field.auto_created}

    assert not named or model in owned_models()


@pytest.mark.parametrize("model", owned_models(), ids=lambda model: model.__name__)
def test_the_path_to_the_owner_leads_to_an_agent(model: type[models.Model]) -> None:
    queryset = model._default_manager.all()
    assert isinstance(queryset, OwnedQuerySet)

    text = str(queryset.owned_by(Agent()).query)

    field: object = model
    for name in queryset.owner.split("__"):
        field = model._meta.get_field(name)
        model = getattr(field, "related_model", None) or model
    assert model is Agent or isinstance(field, models.UUIDField)
    assert "WHERE" in text


def test_nobody_but_the_rule_decides_what_is_owned() -> None:
    deciding = [name for name, text in modules() if "def owned_by(" in text or "def of_others(" in text]

    assert deciding == ["tasks_app/models/owned.py"]


def readings(text: str) -> Iterator[tuple[str, str, str, int]]:
    """(function, model, first method) of every `Model.objects.method(...)`."""
    tree = ast.parse(text)
    functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)):
            continue
        if node.value.attr in {"objects", "_default_manager"} and isinstance(node.value.value, ast.Name):
            around = [each.name for each in functions if each.lineno <= node.lineno <= (each.end_lineno or 0)]
            if not around and _is_asked_wherever_it_is_used(tree, node.lineno):
                continue
            yield (around or [""])[-1], node.value.value.id, node.attr, node.lineno


def _is_asked_wherever_it_is_used(tree: ast.Module, line: int) -> bool:
    """Of rows that a module keeps by a name of its own: every use of the name begins with the rule."""
    kept = [each for each in tree.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
    names = {each.target.id for each in kept if each.lineno <= line <= (each.end_lineno or 0)}
    uses = [each for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)]
    asked = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Attribute) and each.attr in ASKING}
    used = [each for each in uses if each.id in names]
    return bool(used) and all(id(each) in asked for each in used)


def strangers(name: str, text: str) -> list[str]:
    names = {each.__name__ for each in owned_models()} | parts_of_owned_ones()
    return [
        f"{name}:{line} reads {model}.objects.{method}: begin with owned_by or seen_by"
        for function, model, method, line in readings(text)
        if model in names and method not in ASKING and not _is_allowed(name, function, model, method)
    ]


def _is_allowed(name: str, function: str, model: str, method: str) -> bool:
    own_part = model in parts_of_owned_ones() and method == "of"  # of a row that was asked for itself
    return own_part or (name, function) in ELSEWHERE or name == "tasks_app/api/refusals.py"


def test_no_address_reads_what_is_owned_around_the_rule() -> None:
    assert [each for name, text in modules(within="tasks_app/api/") for each in strangers(name, text)] == []


def test_the_search_finds_a_view_that_goes_around() -> None:
    around = "def list(self):\n    return Task.objects.filter(pk=1)\n"

    assert strangers("tasks_app/api/views/new.py", around) == [
        "tasks_app/api/views/new.py:2 reads Task.objects.filter: begin with owned_by or seen_by"
    ]


@pytest.mark.parametrize(("use", "found"), [("owned_by(agent)", 0), ("all()", 1)])
def test_rows_that_a_module_keeps_are_asked_where_they_are_used(use: str, found: int) -> None:
    kept = f"def list(self):\n    return _ROWS.{use}\n\n_ROWS: Any = ROW.read(Task.objects.all())\n"

    assert len(strangers("tasks_app/api/views/new.py", kept)) == found


def test_no_view_of_what_is_owned_has_rows_before_it_is_asked_by_whom() -> None:
    """`queryset` of such a view names its model and is empty: `get_queryset` alone gives rows."""
    full = [
        view.cls.__name__
        for view in _views(get_resolver().url_patterns)
        if isinstance(getattr(view.cls, "queryset", None), OwnedQuerySet) and not view.cls.queryset.query.is_empty()
    ]

    assert full == []


def _views(patterns: list[object]) -> Iterator[object]:
    for pattern in patterns:
        yield from _views(getattr(pattern, "url_patterns", []))
        view = getattr(pattern, "callback", None)
        if hasattr(view, "cls"):
            yield view
