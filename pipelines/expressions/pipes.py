"""Does a pipe lead to a filter, or to an expression as JMESPath has it?

To a filter, where an unquoted filter's name follows that no path goes on from: `| length`, but neither `| "length"` nor
`| length.unit`. Called with arguments, a filter's name is a function's where the first of them begins with `@`, or where
JMESPath has a function of that name and they are all that it takes: `| round(@, 2)`, `| join(', ', names)`.
"""

from collections.abc import Sequence

from pipelines.expressions.filters import CALLABLE, FILTERS
from pipelines.expressions.lexer import CLOSING, OPENING, Token

_GOES_ON = frozenset({"dot", "lbracket", "flatten", "filter"})


def with_filters(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, with `filter_pipe` for each pipe that leads to a filter."""
    return [
        {**token, "type": "filter_pipe"}
        if token["type"] == "pipe" and _leads_to_filter(tokens, position + 1)
        else token
        for position, token in enumerate(tokens)
    ]


def _leads_to_filter(tokens: Sequence[Token], position: int) -> bool:
    name = tokens[position]
    if name["type"] != "unquoted_identifier" or name["value"] not in FILTERS:
        return False
    if tokens[position + 1]["type"] != "lparen":
        return tokens[position + 1]["type"] not in _GOES_ON
    if tokens[position + 2]["type"] == "current":
        return False
    return name["value"] in CALLABLE or _arguments(tokens, position + 2) <= FILTERS[name["value"]].most


def _arguments(tokens: Sequence[Token], position: int) -> int:
    """How many arguments begin at `position`, behind an opening parenthesis."""
    if tokens[position]["type"] == "rparen":
        return 0
    count, depth = 1, 0
    for token in tokens[position:]:
        depth += (token["type"] in OPENING) - (token["type"] in CLOSING)
        if depth < 0:
            break
        count += token["type"] == "comma" and depth == 0
    return count
