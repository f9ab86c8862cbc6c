"""How does a step's `with` become the tool's input?

Compiled once into closures. What holds no `${...}` is a constant and costs nothing later; what does is rendered once:
the output of a template is never looked at again. Every value that a template brings in is charged to the step's
`Meter`, so that a short pipeline cannot grow into gigabytes.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from pipelines.errors import StepFailed
from pipelines.expressions import times
from pipelines.expressions.compiler import Expression, InvalidExpression, Scope, compile_expression
from pipelines.expressions.references import Path
from pipelines.template_text import Source, parts_of
from pipelines.values import MAX_BYTES, UnfitValue, ValueTooLarge, pointer_part, spend

MAX_COMPUTED = 100  # expressions of one value that are more than a path: each may take a tenth of a second


class Meter:
    """What a step's templates may still bring in, in bytes of JSON."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MAX_BYTES

    def take(self, value: Any) -> None:
        try:
            self._left = spend(value, self._left)
        except ValueTooLarge:
            message = f"the step's input is larger than {MAX_BYTES} bytes; pass a reference to the data instead"
            raise StepFailed.permanently("value_too_large", message) from None
        except UnfitValue as unfit:
            raise StepFailed.permanently("invalid_input", f"a template's value: {unfit.reason}") from None


Fill: TypeAlias = Callable[[Scope, Meter], Any]


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled value: a `constant`, unless `fill` makes it anew for each run."""

    constant: Any
    fill: Fill | None
    paths: tuple[tuple[str, Path], ...]  # each with the pointer of the template that reads it

    def render(self, scope: Scope) -> Any:
        """The value for one run. Raises `StepFailed`."""
        return self.constant if self.fill is None else self.fill(scope, Meter())


class InvalidTemplate(ValueError):
    """A template is wrong; `pointer` says where in the compiled value, `message` what to write instead."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.message = message


def compile_template(value: Any) -> Template:
    """Compile every `${...}` in a JSON value. Raises an `ExceptionGroup` of `InvalidTemplate`."""
    compiler = _Compiler()
    fill = compiler.visit(value, "")
    if compiler.faults:
        raise ExceptionGroup("invalid templates", compiler.faults)
    return Template(constant=value, fill=fill, paths=tuple(compiler.paths))


class _Compiler:
    def __init__(self) -> None:
        self.paths: list[tuple[str, Path]] = []
        self.faults: list[InvalidTemplate] = []
        self._computed = 0

    def visit(self, value: Any, pointer: str) -> Fill | None:
        """The closure that fills `value`, or None if it is constant."""
        if isinstance(value, str):
            return self._text(value, pointer)
        if isinstance(value, dict):
            return self._object(value, pointer)
        if isinstance(value, list):
            return self._list(value, pointer)
        return None

    def _object(self, value: dict[str, Any], pointer: str) -> Fill | None:
        fills: list[tuple[str, Fill]] = []
        for key, item in value.items():
            place = f"{pointer}/{pointer_part(key)}"
            if "${" in key:
                self.faults.append(InvalidTemplate(place, "a name cannot be a template; only values can"))
            if (fill := self.visit(item, place)) is not None:
                fills.append((key, fill))
        return _fill_object(value, fills) if fills else None

    def _list(self, value: list[Any], pointer: str) -> Fill | None:
        fills = [(i, fill) for i, item in enumerate(value) if (fill := self.visit(item, f"{pointer}/{i}")) is not None]
        return _fill_list(value, fills) if fills else None

    def _text(self, text: str, pointer: str) -> Fill | None:
        try:
            parts = [self._part(part, pointer) for part in parts_of(text)]
        except InvalidExpression as invalid:
            self.faults.append(InvalidTemplate(pointer, str(invalid)))
            return None
        if all(isinstance(part, str) for part in parts):
            return None
        if len(parts) == 1 and isinstance(parts[0], Expression):
            return _fill_value(parts[0])
        return _fill_text(parts)

    def _part(self, part: str | Source, pointer: str) -> str | Expression:
        if isinstance(part, str):
            return part
        expression = compile_expression(part.text)
        self._computed += expression.computed
        if self._computed > MAX_COMPUTED:
            raise InvalidExpression(
                f"more than {MAX_COMPUTED} expressions that are no mere paths; split it over two steps"
            )
        self.paths.extend((pointer, path) for path in expression.paths)
        return expression


def _fill_object(value: dict[str, Any], fills: list[tuple[str, Fill]]) -> Fill:
    def fill_object(scope: Scope, meter: Meter) -> dict[str, Any]:
        filled = value.copy()
        for key, fill in fills:
            filled[key] = fill(scope, meter)
        return filled

    return fill_object


def _fill_list(value: list[Any], fills: list[tuple[int, Fill]]) -> Fill:
    def fill_list(scope: Scope, meter: Meter) -> list[Any]:
        filled = value.copy()
        for position, fill in fills:
            filled[position] = fill(scope, meter)
        return filled

    return fill_list


def _fill_value(expression: Expression) -> Fill:
    evaluate = expression.evaluate

    def fill_value(scope: Scope, meter: Meter) -> Any:
        value = evaluate(scope)
        if isinstance(value, datetime):
            value = times.as_text(value)
        meter.take(value)
        return value

    return fill_value


def _fill_text(parts: list[str | Expression]) -> Fill:
    sources = [part if isinstance(part, str) else part.evaluate for part in parts]

    def fill_text(scope: Scope, meter: Meter) -> str:
        texts = []
        for source in sources:
            if isinstance(source, str):
                texts.append(source)
            else:
                texts.append(_as_text(source(scope), meter))
        return "".join(texts)

    return fill_text


def _as_text(value: Any, meter: Meter) -> str:
    if isinstance(value, datetime):
        return times.as_text(value)
    meter.take(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def unwrapped(text: str) -> str:
    """A condition's expression, which may stand bare or in `${}`. Raises `InvalidExpression`."""
    parts = list(parts_of(text.strip()))
    if len(parts) == 1:
        return parts[0].text if isinstance(parts[0], Source) else parts[0]
    raise InvalidExpression("a condition is one expression, bare or in ${}: steps.weather.temperature > 25")
