"""Is a text an expression, and within its budgets?

Everything about it that can be known without values is checked here, once.
"""

from collections.abc import Iterator
from typing import Any

from jmespath.exceptions import ArityError, EmptyExpressionError, JMESPathError, LexerError, ParseError

from pipelines.expressions import formats
from pipelines.expressions.filters import CALLABLE, FILTERS
from pipelines.expressions.functions import FUNCTIONS
from pipelines.expressions.parser import MAX_DEPTH, Node, Parser
from pipelines.expressions.refusals import cure_for, foreign_form

MAX_LENGTH = 1_000
MAX_PIPES = 10


class InvalidExpression(ValueError):
    """The text is not an expression, or exceeds a budget; the message says what to write instead."""


def checked_tree(text: str) -> Node:
    """Parse `text`. Raises `InvalidExpression`."""
    if len(text) > MAX_LENGTH:
        raise InvalidExpression(f"an expression has at most {MAX_LENGTH} characters; split it over two steps")
    if refusal := foreign_form(text):
        raise InvalidExpression(refusal)
    tree = _parsed(text)
    if _depth(tree) > MAX_DEPTH:
        raise _too_deep()
    if sum(node["type"] in ("pipe", "filtered") for node in nodes(tree)) > MAX_PIPES:
        raise InvalidExpression(f"more than {MAX_PIPES} pipes; split it over two steps")
    for node in nodes(tree):
        if check := _CHECKS.get(node["type"]):
            check(node, text)
    return tree


def nodes(node: Any) -> Iterator[Node]:
    """The node and all below it."""
    if isinstance(node, dict):
        yield node
        for child in node["children"]:
            yield from nodes(child)


def cut(text: str, length: int = 100) -> str:
    """As much of `text` as is worth telling."""
    return text if len(text) <= length else f"{text[:length]}…"


def _parsed(text: str) -> Node:
    try:
        return Parser().tree(text.strip())
    except EmptyExpressionError:
        raise InvalidExpression("an expression cannot be empty; write a path such as params.city") from None
    except RecursionError:
        raise _too_deep() from None
    except JMESPathError as error:
        raise _invalid(text, _reason(error)) from None


def _invalid(text: str, reason: str) -> InvalidExpression:
    return InvalidExpression(f"`{cut(text)}`: {cure_for(text) or reason}")


def _too_deep() -> InvalidExpression:
    return InvalidExpression(f"nested deeper than {MAX_DEPTH} levels; split it over two steps")


def _reason(error: JMESPathError) -> str:
    if isinstance(error, LexerError):
        return f"{error.message}, at character {error.lexer_position + 1}"
    if isinstance(error, ParseError) and error.token_value not in (None, ""):
        return f"{error.msg}, at character {error.lex_position + 1}"
    return "it ends too early"


def _check_function(node: Node, text: str) -> None:
    name, given = node["value"], len(node["children"])
    known = FUNCTIONS.FUNCTION_TABLE.get(name)
    if known is None:
        names = ", ".join(sorted({*FUNCTIONS.FUNCTION_TABLE, *CALLABLE, "if"}))
        raise _invalid(text, f"there is no function {name}(); known are {names}")
    wanted = known["signature"]
    variadic = bool(wanted) and bool(wanted[-1].get("variadic"))
    if given < len(wanted) or (given > len(wanted) and not variadic):
        raise _invalid(text, str(ArityError(len(wanted), given, name)))


def _check_filter(node: Node, text: str) -> None:
    name, given = node["value"], len(node["children"]) - 1
    wanted = FILTERS[name]
    if not wanted.least <= given <= wanted.most:
        raise _invalid(text, f"{name} takes {wanted.arguments} beside the value: write value | {wanted.example}")
    if name == "date" and given and node["children"][1]["type"] == "literal":
        directives = node["children"][1]["value"]
        try:
            formats.check_directives(directives if isinstance(directives, str) else "")
        except ValueError as error:
            raise InvalidExpression(f"`{cut(text)}`: {error}") from None


def _check_comparison(node: Node, text: str) -> None:
    dated = any(child["type"] == "date_format" for child in node["children"])
    if dated and any(_is_number(child) for child in node["children"]):
        raise _invalid(
            text, "what a date format gives is text: compare it with text such as '09', or write to_number(date:HH) > 8"
        )


def _is_number(node: Node) -> bool:
    return node["type"] == "literal" and type(node["value"]) in (int, float)


def _depth(node: Any) -> int:
    if not isinstance(node, dict):
        return 0
    return 1 + max(map(_depth, node["children"]), default=0)


_CHECKS = {"function_expression": _check_function, "filtered": _check_filter, "comparator": _check_comparison}
