"""What tree does an expression have?

JMESPath's own parser, with numbers as values, lists of numbers, `not` as a word (it binds weaker than a comparison, as
people who write words expect), `+` and `-` for times, `a ? b : c`, and filters. A filter takes what stands left of it up
to a comparison: `a == b | length` is `a == (b | length)`, while JMESPath's own pipe takes all of it.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from jmespath import ast, parser
from jmespath.exceptions import ParseError

from pipelines.expressions import times
from pipelines.expressions.filters import CALLABLE
from pipelines.expressions.lexer import CLOSING, OPENING, Lexer, Token
from pipelines.expressions.pipes import with_filters

Node = dict[str, Any]

MAX_DEPTH = 20

_CONDITIONAL = 0.5  # weaker than a pipe (1)
_NOT_WORD = 4  # between `and` (3) and the comparisons (5)
_FILTER = 6  # above the comparisons
_OFFSET = 7  # above the filters, below what ends a projection (9)
_NOT_SIGN = 8  # above the offsets, below whatever continues a path


class Parser(parser.Parser):
    BINDING_POWER: ClassVar[dict[str, float]] = {  # type: ignore[assignment]
        **parser.Parser.BINDING_POWER,
        "question": _CONDITIONAL,
        "filter_pipe": _FILTER,
        "plus": _OFFSET,
        "minus": _OFFSET,
        "not_word": 0,
        "duration": 0,
        "date_format": 0,
    }

    # What is used of the base class that its type stubs do not show.
    _tokens: Sequence[Token]
    _index: int
    _advance: Callable[[], None]
    _expression: Callable[..., Node]
    _match: Callable[[str], None]
    _current_token: Callable[[], str]
    _lookahead: Callable[[int], str]
    _lookahead_token: Callable[[int], Token]
    _parse_multi_select_list: Callable[[], Node]

    def tree(self, expression: str) -> Node:
        """Parse; raises `JMESPathError`. Not cached as the base class does: results are compiled once by our caller."""
        self._tokens = with_filters(list(Lexer().tokenize(expression)))
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

    def _token_nud_date_format(self, token: Token) -> Any:
        return {"type": "date_format", "value": token["value"], "children": [ast.field("now")]}

    def _token_nud_not(self, _token: Token) -> Any:
        # The base class reads !a.b as (!a).b, which nobody means.
        return ast.not_expression(self._expression(_NOT_SIGN))  # type: ignore[arg-type]

    def _token_nud_not_word(self, _token: Token) -> Any:
        return ast.not_expression(self._expression(_NOT_WORD))  # type: ignore[arg-type]

    def _token_nud_lbracket(self, token: Token) -> Any:
        if self._current_token() == "number" and self._lookahead(1) not in ("rbracket", "colon"):
            return self._parse_multi_select_list()
        return super()._token_nud_lbracket(token)  # type: ignore[misc]

    def _token_nud_lbrace(self, token: Token) -> Any:
        if self._current_token() == "rbrace":
            self._advance()
            return ast.literal({})  # type: ignore[arg-type]
        return super()._token_nud_lbrace(token)  # type: ignore[misc]

    def _token_led_lparen(self, left: Node) -> Any:
        name, token = left["value"] if left["type"] == "field" else "", self._lookahead_token(-2)
        if not name:
            raise _unexpected(token, f"{token['value']!r} is not a function's name")
        arguments = self._arguments()
        if name == "if":
            return _conditional(arguments, token)
        if name in CALLABLE:
            return {"type": "filtered", "value": name, "children": arguments}
        return ast.function_expression(name, arguments)  # type: ignore[arg-type]

    def _token_led_filter_pipe(self, left: Node) -> Node:
        name = self._lookahead_token(0)["value"]
        self._advance()
        arguments = []
        if self._current_token() == "lparen":
            self._advance()
            arguments = self._arguments()
        return {"type": "filtered", "value": name, "children": [left, *arguments]}

    def _token_led_question(self, left: Node) -> Node:
        sign = self._lookahead_token(-1)
        met = self._expression()
        if self._current_token() != "colon":
            raise _unexpected(sign, "a choice has two values: a ? b : c")
        self._advance()
        return {"type": "conditional", "value": None, "children": [left, met, self._expression()]}

    def _token_led_plus(self, left: Node) -> Node:
        return self._offset("+", left)

    def _token_led_minus(self, left: Node) -> Node:
        return self._offset("-", left)

    def _offset(self, sign: str, left: Node) -> Node:
        return {"type": "offset", "value": sign, "children": [left, self._expression(_OFFSET)]}

    def _arguments(self) -> list[Node]:
        arguments: list[Node] = []
        while self._current_token() != "rparen":
            if arguments:
                self._match("comma")
            arguments.append(self._expression())
        self._advance()
        return arguments


def _conditional(arguments: list[Node], token: Token) -> Node:
    if len(arguments) not in (2, 3):
        raise _unexpected(token, "if() takes a condition, a value, and a value for otherwise: if(a > 1, 'x', 'y')")
    null: Any = ast.literal(None)  # type: ignore[arg-type]
    return {"type": "conditional", "value": None, "children": [*arguments, null][:3]}


def _check_nesting(tokens: Sequence[Token]) -> None:
    # Parentheses leave no trace in the tree, and the parser descends into each.
    depth = 0
    for token in tokens:
        depth += (token["type"] in OPENING) - (token["type"] in CLOSING)
        if depth > MAX_DEPTH:
            raise _unexpected(token, f"nested deeper than {MAX_DEPTH} levels")


def _unexpected(token: Token, hint: str = "") -> ParseError:
    return ParseError(token["start"], token["value"], token["type"], hint or f"{token['value']!r} is not expected here")
