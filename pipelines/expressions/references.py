"""Which parts of an expression read the run's context, and which of them must exist?

A path that begins the expression (`steps.weather.city`) reads the context; inside a filter or behind a pipe, names belong
to the value at hand. The first kind becomes a `reference` node. It must exist, unless the expression itself
deals with its absence: before `||`, left of `&&`, under `!` or `not`, beside `==` and `!=`, in `not_null()`, or before
`default()`. What a step would have had that came to nothing, because it was skipped or has failed, is null.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from jmespath import ast

from pipelines.errors import StepFailed
from pipelines.expressions import times
from pipelines.expressions.parser import Node

Path = tuple[str | int, ...]

# `date` is a common field of an item, so only at the root does it mean the run's date.
_TIME_WORDS_ANYWHERE = times.TIME_WORDS - {"date"}
# `[]` flattens the current value. The context is no list, so at the root nobody means that by `params.tags || []`.
_EMPTY_LIST = ast.projection(ast.flatten(ast.identity()), ast.identity())
_ERROR = frozenset({"error_class", "code", "message"})
_BASE_FIRST = frozenset({"projection", "filter_projection", "value_projection", "pipe"})


class _At(Enum):
    ROOT = "names are the context's"
    ITEM = "names are the current value's, but for the time words"
    FIELD = "right of a dot: names are fields"


class Anchoring:
    """Turns a parsed tree into one with reference nodes, and collects their paths in `paths`."""

    def __init__(self, *, tolerant: bool) -> None:
        self.paths: list[Path] = []
        self._tolerant = tolerant

    def anchored(self, tree: Node) -> Node:
        node: Node = self._visit(tree, at=_At.ROOT, required=not self._tolerant)
        self._collect(node)
        return node

    def _visit(self, node: Any, *, at: _At, required: bool) -> Any:
        if not isinstance(node, dict):  # a slice's bounds
            return node
        kind = node["type"]
        if kind == "field":
            return self._field(node, at=at, required=required)
        if kind in ("subexpression", "index_expression"):
            return self._path(node, at=at, required=required)
        inside = _At.ITEM if at is _At.FIELD else at
        children = node["children"]
        if kind == "expref":
            return {**node, "children": [self._visit(children[0], at=_At.ITEM, required=False)]}
        if kind in _BASE_FIRST:
            return self._projection(node, at=at, required=required)
        needed = _children_required(node, required=required)
        return {
            **node,
            "children": [self._visit(c, at=inside, required=n) for c, n in zip(children, needed, strict=True)],
        }

    def _projection(self, node: Node, *, at: _At, required: bool) -> Node:
        if at is _At.ROOT and node == _EMPTY_LIST:
            return {"type": "literal", "value": [], "children": []}
        children = node["children"]
        base = self._visit(children[0], at=_At.ITEM if at is _At.FIELD else at, required=required)
        right = _At.FIELD if node["type"] != "pipe" else _At.ITEM
        rest = [self._visit(child, at=right, required=False) for child in children[1:2]]
        condition = [self._visit(child, at=_At.ITEM, required=False) for child in children[2:]]
        return {**node, "children": [base, *rest, *condition]}

    def _field(self, node: Node, *, at: _At, required: bool) -> Node:
        name = node["value"]
        if at is _At.ROOT or (at is _At.ITEM and name in _TIME_WORDS_ANYWHERE):
            return _reference((name,), required=required)
        return node

    def _path(self, node: Node, *, at: _At, required: bool) -> Node:
        first, *rest = _links(node)
        if rest[-1]["type"] in _BASE_FIRST:
            # a.b[*] is parsed as a.(b[*]); the path that it reads is a.b
            projection = rest.pop()
            base, *right = projection["children"]
            chain = {"type": "subexpression", "children": [first, *rest, base]}
            hoisted: Node = self._visit({**projection, "children": [chain, *right]}, at=at, required=required)
            return hoisted
        start: Node = self._visit(first, at=at, required=required)
        while start["type"] == "reference" and rest and rest[0]["type"] in ("field", "index"):
            start = _reference((*start["value"], rest.pop(0)["value"]), required=required)
        if not rest:
            return start
        others = [self._visit(child, at=_At.FIELD, required=False) for child in rest]
        return {"type": "subexpression", "children": [start, *others]}

    def _collect(self, node: Any) -> None:
        if isinstance(node, dict):
            if node["type"] == "reference":
                self.paths.append(node["value"])
            for child in node["children"]:
                self._collect(child)


def _links(node: Node) -> list[Node]:
    """The links of a path, each applied to the value of the one before."""
    if node["type"] in ("subexpression", "index_expression"):
        return [link for child in node["children"] for link in _links(child)]
    return [node]


def _reference(path: Path, *, required: bool) -> Node:
    return {"type": "reference", "value": path, "required": required, "children": []}


def _children_required(node: Node, *, required: bool) -> list[bool]:
    kind, count = node["type"], len(node["children"])
    tests_absence = (
        kind == "not_expression"
        or (kind == "comparator" and node["value"] in ("eq", "ne"))
        or (kind == "function_expression" and node["value"] == "not_null")
    )
    if tests_absence:
        return [False] * count
    if kind in ("or_expression", "and_expression") or (kind == "filtered" and node["value"] == "default"):
        return [False, required]
    return [required] * count


def look_up(path: Path, scope: Mapping[str, Any], *, required: bool) -> Any:
    """Follow `path` from `scope`. What is not there is None, or fails the step if it is required."""
    value: Any = scope
    for position, key in enumerate(path):
        is_there = _has_position(value, key) if isinstance(key, int) else isinstance(value, Mapping) and key in value
        if is_there:
            value = value[key]
        elif required and not (position == 2 and path[0] == "steps" and _is_no_output(value)):
            raise undefined(path, position, value)
        else:
            return None
    return value


def _is_no_output(value: Any) -> bool:
    """Whether this is what is seen of a step that was skipped, or over whose failure the run went on."""
    if not isinstance(value, Mapping):
        return value is None
    error = value.get("error") if len(value) == 1 else None
    return isinstance(error, Mapping) and error.keys() == _ERROR


def _has_position(value: Any, position: int) -> bool:
    return isinstance(value, list) and -len(value) <= position < len(value)


def undefined(path: Path, position: int, value: Any) -> StepFailed:
    """The error for a `path` that ends, at `position`, in `value`."""
    place = f"`{path_text(path[:position])}` {_what_it_has(value)}" if position else f"this run has no {path[0]}"
    return StepFailed.permanently("undefined_reference", f"`{path_text(path)}` is undefined: {place}")


def path_text(path: Path) -> str:
    """`steps.weather.days[0]`, as a person would write it."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}"
    return text.removeprefix(".")


def _what_it_has(value: Any) -> str:
    if isinstance(value, Mapping):
        names = sorted(map(str, value))[:10]
        return f"has only {', '.join(names)}"[:300] if names else "is empty"
    if isinstance(value, list):
        return f"is a list of {len(value)}"
    return "is null" if value is None else f"is a {type(value).__name__}, not an object"
