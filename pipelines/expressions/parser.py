"""What tree does an expression have?

JMESPath's own parser, with numbers as values, lists of numbers, `not` as a word (it binds weaker than a comparison, as
people who write words expect), and `+` and `-` for times.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from jmespath import ast, parser
from jmespath.exceptions import ParseError

from pipelines.expressions import times
from pipelines.expressions.lexer import Lexer, Token

Node = dict[str, Any]

MAX_DEPTH = 20

_OPENING = frozenset({"lparen", "lbracket", "lbrace", "filter"})
_CLOSING = frozenset({"rparen", "rbracket", "rbrace"})

_NOT_WORD = 4  # between `and` (3) and the comparisons (5)
_NOT_SIGN = 8  # above the offsets, below whatever continues a path
_OFFSET = 7  # above the comparisons, below what ends a projection (9)


class Parser(parser.Parser):
    BINDING_POWER: ClassVar[dict[str, int]] = {
        **parser.Parser.BINDING_POWER,
        "plus": _OFFSET,
        "minus": _OFFSET,
        "not_word": 0,
        "duration": 0,
    }

    # What is used of the base class that its type stubs do not show.
    _tokens: Sequence[Token]
    _index: int
    _expression: Callable[..., Node]
    _current_token: Callable[[], str]
    _lookahead: Callable[[int], str]
    _lookahead_token: Callable[[int], Token]
    _parse_multi_select_list: Callable[[], Node]

    def tree(self, expression: str) -> Node:
        """Parse; raises `JMESPathError`. Not cached as the base class does: results are compiled once by our caller."""
        self._tokens = list(Lexer().tokenize(expression))
        self._index = 0
        _check_nesting(self._tokens)
        tree = self._expression()
        if self._current_token() != "eof":
            raise _unexpected(self._lookahead_token(0))
        return tree

    def _token_nud_number(self, token: Token) -> Any:
        return ast.literal(token["value"])

    def _token_nud_duration(self, token: Token) -> Any:
        if self._index < 2 or self._lookahead(-2) not in ("plus", "minus"):
            raise _unexpected(token, "a duration follows + or -, as in now + 24h")
        return ast.literal(times.offset(token["value"]))  # type: ignore[arg-type]

    def _token_nud_not(self, _token: Token) -> Any:
        # The base class reads !a.b as (!a).b, which nobody means.
        return ast.not_expression(self._expression(_NOT_SIGN))  # type: ignore[arg-type]

    def _token_nud_not_word(self, _token: Token) -> Any:
        return ast.not_expression(self._expression(_NOT_WORD))  # type: ignore[arg-type]

    def _token_nud_lbracket(self, token: Token) -> Any:
        if self._current_token() == "number" and self._lookahead(1) == "comma":
            return self._parse_multi_select_list()
        return super()._token_nud_lbracket(token)  # type: ignore[misc]

    def _token_led_plus(self, left: Node) -> Node:
        return self._offset("+", left)

    def _token_led_minus(self, left: Node) -> Node:
        return self._offset("-", left)

    def _offset(self, sign: str, left: Node) -> Node:
        return {"type": "offset", "value": sign, "children": [left, self._expression(_OFFSET)]}


def _check_nesting(tokens: Sequence[Token]) -> None:
    # Parentheses leave no trace in the tree, and the parser descends into each.
    depth = 0
    for token in tokens:
        depth += (token["type"] in _OPENING) - (token["type"] in _CLOSING)
        if depth > MAX_DEPTH:
            raise _unexpected(token, f"nested deeper than {MAX_DEPTH} levels")


def _unexpected(token: Token, hint: str = "") -> ParseError:
    return ParseError(token["start"], token["value"], token["type"], hint or f"{token['value']!r} is not expected here")
