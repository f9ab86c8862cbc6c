"""How does the text of an expression become something that can be called?

Done once, when a pipeline is parsed. A plain path (`params.a.b`), which is what nearly all templates are, becomes a
loop over its keys; the rest is interpreted.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from jmespath.exceptions import ArityError, EmptyExpressionError, JMESPathError, LexerError, ParseError

from pipelines.errors import StepFailed
from pipelines.expressions.functions import FUNCTIONS
from pipelines.expressions.interpreter import Interpreter
from pipelines.expressions.parser import MAX_DEPTH, Node, Parser
from pipelines.expressions.references import Anchoring, Path, look_up
from pipelines.values import ValueTooLarge

MAX_LENGTH = 1_000
MAX_PIPES = 10

Scope: TypeAlias = Mapping[str, Any]
Evaluate: TypeAlias = Callable[[Scope], Any]


class InvalidExpression(ValueError):
    """The text is not an expression, or exceeds a budget; the message says what to write instead."""


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
    tree = anchoring.anchored(_checked_tree(text))
    paths = tuple(anchoring.paths)
    if tree["type"] == "reference":
        return Expression(_path_evaluator(tree["value"], required=tree["required"]), paths, computed=False)
    return Expression(_tree_evaluator(tree, text), paths, computed=True)


@lru_cache(maxsize=256)
def compile_query(text: str) -> Callable[[Any], Any]:
    """Compile an expression over one value: plain JMESPath, in which what is missing is null."""
    tree = _checked_tree(text)
    if any(node["type"] == "offset" for node in _nodes(tree)):
        raise InvalidExpression("times are moved in a template: ${now + 24h}")

    def evaluate(value: Any) -> Any:
        return _guarded(tree, {}, value, text)

    return evaluate


def truth(text: str) -> tuple[Callable[[Scope], bool], tuple[Path, ...]]:
    """Compile a condition; what is undefined in it is null. Raises `InvalidExpression`."""
    expression = compile_expression(text, tolerant=True)
    evaluate = expression.evaluate

    def is_true(scope: Scope) -> bool:
        value = evaluate(scope)
        return not (value is None or value is False or value in ("", [], {}))

    return is_true, expression.paths


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
        raise StepFailed.permanently("value_too_large", f"`{_cut(text)}`: {too_large.reason}") from None
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        raise StepFailed.permanently("expression_failed", f"`{_cut(text)}`: {_cut(str(error), 300)}") from None


def _checked_tree(text: str) -> Node:
    if len(text) > MAX_LENGTH:
        raise InvalidExpression(f"an expression has at most {MAX_LENGTH} characters; split it over two steps")
    tree = _parsed(text)
    if _depth(tree) > MAX_DEPTH:
        raise _too_deep()
    if sum(node["type"] == "pipe" for node in _nodes(tree)) > MAX_PIPES:
        raise InvalidExpression(f"more than {MAX_PIPES} pipes; split it over two steps")
    for node in _nodes(tree):
        if node["type"] == "function_expression":
            _check_function(node)
    return tree


def _parsed(text: str) -> Node:
    try:
        return Parser().tree(text.strip())
    except EmptyExpressionError:
        raise InvalidExpression("an expression cannot be empty; write a path such as params.city") from None
    except RecursionError:
        raise _too_deep() from None
    except JMESPathError as error:
        raise InvalidExpression(f"`{_cut(text)}`: {_reason(error)}") from None


def _too_deep() -> InvalidExpression:
    return InvalidExpression(f"nested deeper than {MAX_DEPTH} levels; split it over two steps")


def _reason(error: JMESPathError) -> str:
    if isinstance(error, LexerError):
        return f"{error.message}, at character {error.lexer_position + 1}"
    if isinstance(error, ParseError) and error.token_value not in (None, ""):
        return f"{error.msg}, at character {error.lex_position + 1}"
    return "it ends too early"


def _check_function(node: Node) -> None:
    name, given = node["value"], len(node["children"])
    known = FUNCTIONS.FUNCTION_TABLE.get(name)
    if known is None:
        raise InvalidExpression(
            f"there is no function {name}(); known are {', '.join(sorted(FUNCTIONS.FUNCTION_TABLE))}"
        )
    wanted = known["signature"]
    variadic = bool(wanted) and bool(wanted[-1].get("variadic"))
    if given < len(wanted) or (given > len(wanted) and not variadic):
        raise InvalidExpression(str(ArityError(len(wanted), given, name)))


def _nodes(node: Any) -> Iterator[Node]:
    if isinstance(node, dict):
        yield node
        for child in node["children"]:
            yield from _nodes(child)


def _depth(node: Any) -> int:
    if not isinstance(node, dict):
        return 0
    return 1 + max(map(_depth, node["children"]), default=0)


def _cut(text: str, length: int = 100) -> str:
    return text if len(text) <= length else f"{text[:length]}…"
