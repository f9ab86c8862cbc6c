"""Expressions and definitions that nobody would write, made from those that people wrote.

Every case is made from its number alone, so that one that went wrong can be made again.
"""

import copy
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.step_fields import FIELDS

HERE = Path(__file__).parent
EXAMPLES = [json.loads(path.read_text()) for path in sorted((HERE.parents[1] / "data" / "examples").glob("*.json"))]
WRITTEN = [
    *(text for texts in json.loads((HERE / "expressions_of_users.json").read_text()).values() for text in texts),
    *(HERE / "valid_in_jmespath.txt").read_text().splitlines(),
    *(HERE / "invalid_in_jmespath.txt").read_text().splitlines(),
]
PATHS = (
    "params.n", "params.text", "params.items[].name", "params.items[0]", "params.many", "params.deep", "params.nothing", "steps.a",
    "steps.a.b", "event.payload", "now", "now_iso", "date", "item.x", "@", "$", "a", "params", "params.names[*]", "params.*",
)  # fmt: skip
LITERALS = (
    "0", "1", "-1", "2.5", "1e308", "99999999999999999999", "true", "false", "null", "''", "'x'", "'%d.%m.%Y'", "`1`", "`[1, 2]`",
    '`{"a": 1}`', "[]", "{}", '"a b"', "24h", "7d", "date:HH", "date:yyyy-MM-dd", "'2026-01-01T00:00:00Z'", "'\\u0000'", "'é😀'",
)  # fmt: skip
OPERATORS = (
    "==",
    "===",
    "!=",
    "!==",
    "<",
    "<=",
    ">",
    ">=",
    "&&",
    "||",
    "and",
    "or",
    "+",
    "-",
    "*",
    "/",
    "%",
    "|",
    ".",
    ",",
    "?:",
    "=>",
)
FUNCTIONS = (
    "length", "keys", "values", "sort", "sum", "max_by", "sort_by", "map", "join", "to_number", "to_string", "contains", "reverse",
    "merge", "not_null", "type", "abs", "if", "min", "avg", "flatten", "nope", "starts_with", "secrets",
)  # fmt: skip
FILTERS = (
    "iso", "date('%d')", "date('%Q')", "add_days(7)", "add_days(-999999)", "week_number", "round(2)", "round(-1)", "length", "join(', ')",
    "split(',')", "split('')", "sum", "json", "upper", "lower", "default('x')", "sort(@)", "[]", "[?@]", "[0]", "[::-1]", "[-1:]", "{a: @}",
)  # fmt: skip
SCRAPS = (
    "${",
    "}",
    "{{",
    "}}",
    "{%",
    "%}",
    "'",
    '"',
    "`",
    "\\",
    "[",
    "]",
    "(",
    ")",
    "&",
    "$.",
    "..",
    "#",
    "\t",
    "\n",
    "\x00",
    "😀",
    "é",
    " ",
)
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 3.5, 301, 1e308, 2**63, -(2**63), 2**64, "", " ", "x", "x" * 300, "${params.n}", "${now}", "${", "${}",
    "{{ params.n }}", "{% if x %}", "${steps.a}", "${params.text}${params.text}", "a.b", "debug.echo", "noop", "a b", "\u0000", "\ud800",
    [], [[]], {}, {"a": {}}, [1, "a"], {"": 1}, {"${x}": 1}, {"strategy": "fallback", "fallback_value": "${now}"}, ["a"], [NotImplemented],
)  # fmt: skip
MANNERS: tuple[dict[str, Any], ...] = (
    {"on_error": "continue"}, {"on_error": "retry"}, {"on_error": {"strategy": "fallback", "fallback_value": {"a": "${now}"}}},
    {"max_retries": 1, "retry_delay": 0.1}, {"if": "steps.nope || params.a"}, {"if": "now > '2026-01-01T00:00:00Z'"}, {"timeout_seconds": 1},
)  # fmt: skip
ODD_NAMES = (
    "",
    "id",
    "uses",
    "with",
    "if",
    "body",
    "items_path",
    "branches",
    "then",
    "else",
    "cases",
    "retries",
    "depends_on",
    "x y",
    "~/",
    "é",
)


@dataclass
class Tally:
    """What became of the cases, and which took longest of its thread's processor time."""

    became: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_case: str = ""

    def take(self, number: int, case: str, judge: Callable[[], str]) -> None:
        began = time.thread_time()
        became = judge()
        seconds = time.thread_time() - began
        self.became[became] += 1
        if seconds > self.slowest:
            self.slowest, self.slowest_case = seconds, f"case {number}: {case[:300]!r}"

    def __str__(self) -> str:
        counts = ", ".join(f"{number:,} {what}" for what, number in self.became.most_common())
        return f"{self.became.total():,} cases: {counts}; the slowest took {self.slowest * 1000:.1f} ms, {self.slowest_case}"


def expression(number: int) -> str:
    """One that a grammar gave, one that somebody wrote with some of it changed, or a handful of scraps."""
    chance = random.Random(number)
    kind = number % 4
    if kind == 0:
        return _grown(chance, chance.randint(0, 4))
    if kind == 1:
        return _changed(chance, chance.choice(WRITTEN))
    if kind == 2:
        return _changed(chance, _grown(chance, chance.randint(1, 3)))
    return " ".join(
        chance.choice(PATHS + LITERALS + OPERATORS + FUNCTIONS + SCRAPS) for _ in range(chance.randint(1, 30))
    )


def _grown(chance: random.Random, depth: int) -> str:
    if depth == 0:
        return chance.choice(PATHS + LITERALS)
    inner = [_grown(chance, depth - 1) for _ in range(3)]
    form = chance.choice(
        (
            "{0} {op} {1}", "{0} ? {1} : {2}", "if({0}, {1}, {2})", "{0} | {filter}", "{f}({0})", "{f}({0}, {1})", "({0})", "not {0}", "!{0}",
            "[{0}, {1}, {2}]", "{{a: {0}, b: {1}}}", "{0}[?{1}]", "{0}[*].{1}", "{0}[].{1}", "{f}(&{0}, {1})", "{0} | [@, @, @, @][] | {filter}",
            "{0} - {1}", "{0}.{1}", "{0}[1:]",
        )
    )  # fmt: skip
    return form.format(*inner, op=chance.choice(OPERATORS), filter=chance.choice(FILTERS), f=chance.choice(FUNCTIONS))


def _changed(chance: random.Random, text: str) -> str:
    for _ in range(chance.randint(1, 5)):
        at, until = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
        change = chance.randrange(5)
        if change == 0:
            text = text[:at] + chance.choice(SCRAPS + OPERATORS) + text[at:]
        elif change == 1:
            text = text[:at] + text[until:]
        elif change == 2:
            text = text[:until] + text[at:until] * chance.choice((1, 2, 20)) + text[until:]
        elif change == 3:
            text = text[:at] + chance.choice(WRITTEN) + text[until:]
        else:
            text = (
                text[:at] + chr(chance.choice((chance.randint(0, 0x7F), chance.randint(0, 0x10FFFF)))) + text[at + 1 :]
            )
    return text[:5_000]


def definition(number: int) -> Any:
    """A task that somebody wrote, with some of its payload changed."""
    chance = random.Random(number)
    task = copy.deepcopy(chance.choice(EXAMPLES))
    payload: Any = task.get("payload") or {name: task[name] for name in ("params", "pipeline") if name in task}
    if number % 2:
        for _ in range(chance.choice((1, 1, 2, 3, 6))):
            payload = _with_a_change(chance, payload)
        return payload
    payload["params"] = _with_a_change(chance, payload.get("params") or {"a": 1})
    for step in payload["pipeline"]:  # what is given alone is changed: most of these are carried out
        if chance.random() < 0.5:
            step["with"] = step.get("with", {}) | {"added": _grown_template(chance)}
        if chance.random() < 0.3:
            step.update(chance.choice(MANNERS))
    return payload


def _grown_template(chance: random.Random) -> Any:
    text = chance.choice((*PATHS, *LITERALS))
    return chance.choice(
        (f"${{{text}}}", f"${{{text} | {chance.choice(FILTERS)}}}", f"at ${{now}}: ${{{text} || 'none'}}", VALUES[4])
    )


def _with_a_change(chance: random.Random, value: Any) -> Any:
    """The value with one place changed: somewhere inside, mostly."""
    if chance.random() < 0.92:
        if isinstance(value, dict) and value:
            return _changed_object(chance, value)
        if isinstance(value, list) and value:
            return _changed_list(chance, value)
        if isinstance(value, str) and chance.random() < 0.6:
            return _changed(chance, value)
    return _odd(chance)


def _changed_object(chance: random.Random, value: dict[str, Any]) -> dict[str, Any]:
    name = chance.choice(list(value))
    change = chance.randrange(12)
    if change == 0:
        return {each: inner for each, inner in value.items() if each != name}
    if change == 1:
        return value | {chance.choice((*ODD_NAMES, *FIELDS)): _odd(chance)}
    return value | {name: _with_a_change(chance, value[name])}


def _changed_list(chance: random.Random, value: list[Any]) -> list[Any]:
    at = chance.randrange(len(value))
    change = chance.randrange(10)
    if change == 0:
        return value[:at] + value[at + 1 :]
    if change == 1:
        return value + [copy.deepcopy(value[at])] * chance.choice((1, 2, 120))
    if change == 2:
        return chance.sample(value, len(value))
    return [*value[:at], _with_a_change(chance, value[at]), *value[at + 1 :]]


def _odd(chance: random.Random) -> Any:
    kind = chance.randrange(6)
    if kind == 0:
        return f"${{{expression(chance.randrange(1_000_000))}}}"
    if kind == 1:
        deep: Any = chance.choice(VALUES)
        for _ in range(chance.choice((1, 20, 40))):
            deep = [deep] if chance.random() < 0.5 else {"a": deep}
        return deep
    if kind == 2:
        return [chance.choice(VALUES) for _ in range(chance.randint(0, 5))]
    return chance.choice(VALUES)
