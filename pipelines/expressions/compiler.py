"""How does the text of an expression become something that can be called?

Done once, when a pipeline is parsed. A plain path (`params.a.b`), which is what nearly all templates are, becomes a
loop over its keys; the rest is interpreted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from pipelines.errors import StepFailed
from pipelines.expressions.checks import InvalidExpression, checked_tree, cut, nodes
from pipelines.expressions.interpreter import Interpreter
from pipelines.expressions.parser import Node
from pipelines.expressions.references import Anchoring, Path, look_up
from pipelines.values import ValueTooLarge

__all__ = [
    "Evaluate",
    "Expression",
    "InvalidExpression",
    "Scope",
    "compile_expression",
    "compile_query",
    "is_true",
    "truth",
]

Scope: TypeAlias = Mapping[str, Any]
Evaluate: TypeAlias = Callable[[Scope], Any]


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression: `evaluate` raises `StepFailed`; `paths` are the context's parts that it reads.

    It is `computed` unless it is nothing but a path.
    """

    evaluate: Evaluate
    paths: tuple[Path, ...]
    computed: bool


def compile_expression(text: str, *, tolerant: bool = False) -> Expression:
    """Compile an expression over the run's context.

    Where `tolerant`, what is undefined is null; otherwise it fails the step. Raises `InvalidExpression`.
    """
    anchoring = Anchoring(tolerant=tolerant)
    tree = anchoring.anchored(checked_tree(text))
    paths = tuple(anchoring.paths)
    if tree["type"] == "reference":
        return Expression(_path_evaluator(tree["value"], required=tree["required"]), paths, computed=False)
    return Expression(_tree_evaluator(tree, text), paths, computed=True)


@lru_cache(maxsize=256)
def compile_query(text: str) -> Callable[[Any], Any]:
    """Compile an expression over one value: plain JMESPath, in which what is missing is null."""
    tree = checked_tree(text)
    kinds = {node["type"] for node in nodes(tree)}
    if "offset" in kinds:
        raise InvalidExpression("times are moved in a template: ${now + 24h}")
    if "date_format" in kinds:
        raise InvalidExpression("the time of the run is told in a template: ${date:yyyy-MM-dd}")

    def evaluate(value: Any) -> Any:
        return _guarded(tree, {}, value, text)

    return evaluate


def truth(text: str) -> tuple[Callable[[Scope], bool], tuple[Path, ...]]:
    """Compile a condition; what is undefined in it is null. Raises `InvalidExpression`."""
    expression = compile_expression(text, tolerant=True)
    evaluate = expression.evaluate

    return lambda scope: is_true(evaluate(scope)), expression.paths


def is_true(value: Any) -> bool:
    """Whether a value counts as true: anything but null, false, and an empty text, list or object."""
    return not (value is None or value is False or value in ("", [], {}))


def _path_evaluator(path: Path, *, required: bool) -> Evaluate:
    if not required or any(isinstance(key, int) for key in path):
        return lambda scope: look_up(path, scope, required=required)

    def walk(scope: Scope) -> Any:
        value: Any = scope
        try:
            for key in path:
                value = value[key]
        except (KeyError, TypeError, IndexError):
            return look_up(path, scope, required=True)  # the slow way, which names the place
        return value

    return walk


def _tree_evaluator(tree: Node, text: str) -> Evaluate:
    return lambda scope: _guarded(tree, scope, scope, text)


def _guarded(tree: Node, scope: Scope, value: Any, text: str) -> Any:
    try:
        return Interpreter(scope).visit(tree, value)
    except ValueTooLarge as too_large:
        raise StepFailed.permanently("value_too_large", f"`{cut(text)}`: {too_large.reason}") from None
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        raise StepFailed.permanently("expression_failed", f"`{cut(text)}`: {cut(str(error), 300)}") from None
