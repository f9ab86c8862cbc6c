"""Where in a text do its templates stand?"""

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.expressions.checks import InvalidExpression

_OPENING = {"{", "[", "("}
_CLOSING = {"}", "]", ")"}
_QUOTES = {"'", '"', "`"}


@dataclass(frozen=True, slots=True)
class Source:
    """The text between `${` and `}`."""

    text: str


def parts_of(text: str) -> Iterator[str | Source]:
    """Cut a text into what stands there and what is to be filled in. Raises `InvalidExpression`."""
    position = 0
    while (start := text.find("${", position)) >= 0:
        if start > position:
            yield _plain(text[position:start])
        end = _closing_brace(text, start + 2)
        yield _source(text[start + 2 : end])
        position = end + 1
    if position < len(text):
        yield _plain(text[position:])


def _plain(text: str) -> str:
    if (inner := _between(text, "{{", "}}")) is not None:
        raise InvalidExpression(f"templates are written ${{{inner}}}, not {{{{ {inner} }}}}")
    if (statement := _between(text, "{%", "%}")) is not None:
        raise InvalidExpression(f"{{% {statement} %}} is not understood; {_cure_for_statement(statement)}")
    return text


def _between(text: str, opening: str, closing: str) -> str | None:
    # Not by a pattern: one that leaves out the blanks takes minutes for some texts, and nothing else runs meanwhile.
    start = text.find(opening)
    end = text.find(closing, start + 2) if start >= 0 else -1
    return text[start + 2 : end].strip("- \t\r\n")[:60] if end >= 0 else None


def _cure_for_statement(statement: str) -> str:
    if statement.startswith("for "):
        return "a list becomes text by ${params.items[].name | join(', ')}, and steps repeat by pipeline.foreach"
    if statement.startswith("if "):
        return f"a choice is written ${{{statement[3:].strip()} ? 'yes' : 'no'}}, and a step is left out by its `if`"
    return "templates are written ${params.city}"


def _source(text: str) -> Source:
    if text.startswith("{") and text.endswith("}") and ":" not in text:
        inner = text.strip("{} ")[:60]
        raise InvalidExpression(f"templates are written ${{{inner}}}, not ${{{{ {inner} }}}}")
    return Source(text)


def _closing_brace(text: str, position: int) -> int:
    start, depth = position, 0
    while position < len(text):
        char = text[position]
        if char in _QUOTES:
            position = _closing_quote(text, position)
        elif char in _OPENING:
            depth += 1
        elif char == "}" and depth == 0:
            return position
        elif char in _CLOSING:
            depth -= 1
        position += 1
    raise InvalidExpression(f"`${{{text[start : start + 40]}` is not closed; a template ends with }}")


def _closing_quote(text: str, position: int) -> int:
    quote = text[position]
    position += 1
    while position < len(text) and text[position] != quote:
        position += 2 if text[position] == "\\" else 1
    return position
