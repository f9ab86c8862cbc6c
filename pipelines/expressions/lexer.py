"""How is the text of an expression cut into tokens?

JMESPath's tokens, and besides: bare numbers with a fraction, `+` and `-`, durations (`24h`), `date:yyyy-MM-dd`, `===`, `?`,
and the words `and or not true false null`. A word is a keyword only where JMESPath would not allow a name, or where a name could only
begin an expression; so `steps.a.not` and `{true: x}` still mean fields.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from jmespath import lexer
from jmespath.exceptions import LexerError

from pipelines.expressions import formats

Token = dict[str, Any]

_OPERATORS = {
    "===": "eq",
    "!==": "ne",
    "==": "eq",
    "!=": "ne",
    "<=": "lte",
    ">=": "gte",
    "||": "or",
    "&&": "and",
    "[]": "flatten",
    "[?": "filter",
    "<": "lt",
    ">": "gt",
    "!": "not",
    "|": "pipe",
    "?": "question",
    "&": "expref",
    "[": "lbracket",
}
_ENDS_OPERAND = frozenset(
    {
        "unquoted_identifier",
        "quoted_identifier",
        "literal",
        "number",
        "duration",
        "date_format",
        "current",
        "star",
        "flatten",
        "rbracket",
        "rparen",
        "rbrace",
    }
)
_BEGINS_OPERAND = (_ENDS_OPERAND - {"rbracket", "rparen", "rbrace"}) | {"lparen", "lbracket", "lbrace", "not", "filter"}
OPENING = frozenset({"lparen", "lbracket", "lbrace", "filter"})
CLOSING = frozenset({"rparen", "rbracket", "rbrace"})
_CONSTANTS = {"true": True, "false": False, "null": None}
_DURATION = re.compile(r"(?:\d+[smhdw])+(?![A-Za-z0-9_])")
_NUMBER = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DATE_FORMAT = re.compile(r"date:([A-Za-z]+(?:[-/.:_][A-Za-z]+| (?:HH|mm|ss|yyyy|MM|dd|ww|dow)(?![a-z]))*)")
_STEP_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class Lexer(lexer.Lexer):
    # What is used of the base class that its type stubs do not show.
    _current: str | None
    _position: int
    _next: Callable[[], str | None]
    _initialize_for_expression: Callable[[str], None]
    _consume_until: Callable[[str], str]
    _consume_quoted_identifier: Callable[[], Token]
    _consume_raw_string_literal: Callable[[], Token]

    def tokenize(self, expression: str) -> Iterator[Any]:
        self._initialize_for_expression(expression)
        self._text = expression
        tokens: list[Token] = []
        while self._current is not None:
            if self._current in self.WHITESPACE:
                self._next()
            else:
                tokens.append(self._token(after=tokens))
        tokens.append(_token("eof", "", start=len(expression)))
        return iter(_with_keywords(tokens))

    def _token(self, *, after: list[Token]) -> Token:
        char = self._current
        assert char is not None
        if char in self.SIMPLE_TOKENS:
            return self._take(self.SIMPLE_TOKENS[char], char)
        if char in self.START_IDENTIFIER:
            return self._name(after=after)
        if char in self.VALID_NUMBER:
            return self._number()
        if char in "+-":
            return self._sign(char, after=after)
        return self._quoted(char) if char in "'\"`" else self._operator()

    def _quoted(self, char: str) -> Token:
        if char == "'":
            return self._consume_raw_string_literal()
        return self._consume_quoted_identifier() if char == '"' else self._literal()

    def _take(self, kind: str, text: str, *, value: Any = None) -> Token:
        token = _token(kind, text if value is None else value, start=self._position)
        for _ in text:
            self._next()
        return token

    def _name(self, *, after: list[Token]) -> Token:
        dated = _DATE_FORMAT.match(self._text, self._position)
        if dated and not _is_dot(after) and not _begins_pair(after):
            return self._date_format(*dated.group(0, 1))
        # A step's name may hold hyphens, so `steps.my-step` reads it without quotes.
        names_step = [token["value"] for token in after[-2:]] == ["steps", "."] and not _is_dot(after[-3:-2])
        found = (_STEP_NAME if names_step else _NAME).match(self._text, self._position)
        assert found is not None
        return self._take("unquoted_identifier", found.group())

    def _date_format(self, text: str, letters: str) -> Token:
        try:
            directives = formats.directives_for(letters)
        except ValueError as error:
            raise LexerError(self._position, text, str(error)) from None
        return self._take("date_format", text, value=directives)

    def _number(self) -> Token:
        duration = _DURATION.match(self._text, self._position)
        if duration:
            return self._take("duration", duration.group())
        found = _NUMBER.match(self._text, self._position)
        assert found is not None
        text, is_float = found.group(), found.group(1) or found.group(2)
        # Only an integer may be an index or a slice's bound, so a fraction is a literal from the start.
        return (
            self._take("literal", text, value=float(text)) if is_float else self._take("number", text, value=int(text))
        )

    def _sign(self, char: str, *, after: list[Token]) -> Token:
        if after and after[-1]["type"] in _ENDS_OPERAND:
            return self._take("plus" if char == "+" else "minus", char)
        following = self._next()
        if char == "+" or following is None or following not in self.VALID_NUMBER:
            raise self._unknown(char)
        token = self._number()
        if token["type"] == "duration":
            raise self._unknown(char)
        return {**token, "value": -token["value"]}

    def _literal(self) -> Token:
        start = self._position
        text = self._consume_until("`").replace("\\`", "`")
        for candidate in (text, f'"{text.lstrip()}"'):  # JEP-12: what is not JSON is text
            try:
                return _token("literal", json.loads(candidate), start=start)
            except ValueError:
                continue
        raise LexerError(start, text, f"`{text}` is not JSON; text is written in single quotes: 'text'")

    def _operator(self) -> Token:
        for width in (3, 2, 1):
            text = self._text[self._position : self._position + width]
            if text in _OPERATORS:
                return self._take(_OPERATORS[text], text)
        raise self._unknown(self._current or "")

    def _unknown(self, char: str) -> LexerError:
        hint = "; equality is written ==" if char == "=" else ""
        return LexerError(self._position, char, f"{char!r} is not understood here{hint}")


def _token(kind: str, value: Any, *, start: int) -> Token:
    return {"type": kind, "value": value, "start": start, "end": start + 1}


def _is_dot(tokens: list[Token]) -> bool:
    return bool(tokens) and tokens[-1]["type"] == "dot"


def _begins_pair(tokens: list[Token]) -> bool:
    """Whether a name here is one of `{name: value, ...}`."""
    if not tokens or tokens[-1]["type"] not in ("lbrace", "comma"):
        return False
    closed = 0
    for token in reversed(tokens):
        if token["type"] in CLOSING:
            closed += 1
        elif token["type"] in OPENING:
            if not closed:
                return bool(token["type"] == "lbrace")
            closed -= 1
    return False


def _with_keywords(tokens: list[Token]) -> list[Token]:
    seen: list[Token] = []
    for position, token in enumerate(tokens):
        if token["type"] == "unquoted_identifier":
            seen.append(_as_keyword(token, before=seen[-1]["type"] if seen else "", after=tokens[position + 1]["type"]))
        else:
            seen.append(token)
    return seen


def _as_keyword(token: Token, *, before: str, after: str) -> Token:
    word = token["value"]
    if before in _ENDS_OPERAND:
        return {**token, "type": word} if word in ("and", "or") else token
    is_field = before == "dot" or (before in ("lbrace", "comma") and after == "colon")
    if is_field:
        return token
    if word in _CONSTANTS and after != "lparen":
        return {**token, "type": "literal", "value": _CONSTANTS[word]}
    if word == "not" and after in _BEGINS_OPERAND:
        return {**token, "type": "not_word"}
    return token
