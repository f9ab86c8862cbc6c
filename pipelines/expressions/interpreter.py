"""What is an expression's value?

JMESPath's own interpreter, with the nodes that our grammar adds and a budget of work, so that a short expression over
small data cannot keep a worker busy.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from jmespath import visitor

from pipelines.expressions import times
from pipelines.expressions.filters import FILTERS
from pipelines.expressions.formats import formatted
from pipelines.expressions.functions import FUNCTIONS
from pipelines.expressions.references import look_up
from pipelines.values import MAX_BYTES, spend

MAX_WORK = 200_000  # nodes visited, list items made, and what functions and comparisons look through: about 0.1 s
_BYTES_A_WORK = 16  # of a list or an object: so long as a node takes
_CHARACTERS_A_WORK = 128  # of a text
_LOOK_AT_NO_ITEM = frozenset({"length", "type", "not_null", "to_array", "default"})
_LOOK_INTO_NO_ITEM = frozenset({"keys", "values", "map", "merge", "reverse"})
_OPTIONS = visitor.Options(custom_functions=FUNCTIONS)


class TooMuchWork(ValueError):
    """The expression did not end within its budget."""


class Interpreter(visitor.TreeInterpreter):
    """Serves one evaluation: it counts that evaluation's work."""

    _is_false: Callable[[Any], bool]  # of the base class; its type stubs do not show it

    def __init__(self, scope: Mapping[str, Any]) -> None:
        super().__init__(_OPTIONS)
        self._scope = scope
        self._work_left = MAX_WORK

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        self._work(1)
        return getattr(self, _METHODS[node["type"]])(node, *args, **kwargs)

    def visit_reference(self, node: Any, _value: Any) -> Any:
        return look_up(node["value"], self._scope, required=node["required"])

    def visit_offset(self, node: Any, value: Any) -> datetime:
        moment, distance = (self.visit(child, value) for child in node["children"])
        start = times.as_moment(moment)
        if start is None:
            raise ValueError("+ and - move a time (now, or ISO 8601 text with an offset)")
        if _is_number(distance):
            distance = times.Offset(seconds=distance)
        if not isinstance(distance, times.Offset):
            raise ValueError("a time is moved by a duration like 24h or 7d, or by a number of seconds")  # noqa: TRY004
        return times.moved(start, distance, back=node["value"] == "-")

    def visit_date_format(self, node: Any, value: Any) -> str:
        return formatted(self.visit(node["children"][0], value), node["value"])

    def visit_conditional(self, node: Any, value: Any) -> Any:
        condition, met, otherwise = node["children"]
        return self.visit(otherwise if self._is_false(self.visit(condition, value)) else met, value)

    def visit_comparator(self, node: Any, value: Any) -> Any:
        left, right = (self.visit(child, value) for child in node["children"])
        if isinstance(left, datetime) or isinstance(right, datetime):
            left, right = _as_instants(left, right)
        elif isinstance(left, list | dict) and isinstance(right, list | dict):
            # Comparing what shares its parts many times over takes time without bound; measuring it does not.
            self._look_through(left)
            self._look_through(right)
        return _compared(node["value"], left, right)

    def visit_multi_select_list(self, node: Any, value: Any) -> Any:
        return _with_times_as_text(super().visit_multi_select_list(node, value))

    def visit_multi_select_dict(self, node: Any, value: Any) -> Any:
        return _with_times_as_text(super().visit_multi_select_dict(node, value))

    def visit_projection(self, node: Any, value: Any) -> Any:
        return _with_times_as_text(super().visit_projection(node, value))

    def visit_value_projection(self, node: Any, value: Any) -> Any:
        return _with_times_as_text(super().visit_value_projection(node, value))

    def visit_filter_projection(self, node: Any, value: Any) -> Any:
        return _with_times_as_text(super().visit_filter_projection(node, value))

    def visit_flatten(self, node: Any, value: Any) -> Any:
        return self._counted(super().visit_flatten(node, value))

    def visit_slice(self, node: Any, value: Any) -> Any:
        return self._counted(super().visit_slice(node, value))

    def visit_function_expression(self, node: Any, value: Any) -> Any:
        name = node["value"]
        arguments = [self.visit(child, value) for child in node["children"]]
        self._read_all(name, arguments)
        return _with_times_as_text(self._counted(FUNCTIONS.call_function(name, arguments)))

    def visit_filtered(self, node: Any, value: Any) -> Any:
        name, (subject, *others) = node["value"], node["children"]
        found = self.visit(subject, value)
        if name == "default" and found is not None:
            return found
        arguments = [found, *(self.visit(child, value) for child in others)]
        self._read_all(name, arguments)
        self._work(FILTERS[name].work)
        return self._counted(FILTERS[name].apply(*arguments))

    def _read_all(self, name: str, arguments: list[Any]) -> None:
        if name not in _LOOK_AT_NO_ITEM:
            for argument in arguments:
                self._read(argument, deeply=name not in _LOOK_INTO_NO_ITEM)

    def _read(self, argument: Any, *, deeply: bool) -> None:
        """Charge what a function takes to read it: it may be read thousands of times, or hold one part thousands of times."""
        if isinstance(argument, str):
            self._work(len(argument) // _CHARACTERS_A_WORK)
        elif isinstance(argument, list | dict):
            if deeply:
                self._look_through(argument)
            else:
                self._work(len(argument))

    def _look_through(self, value: list[Any] | dict[str, Any]) -> None:
        self._work((MAX_BYTES - spend(value, MAX_BYTES)) // _BYTES_A_WORK)

    def _counted(self, result: Any) -> Any:
        if isinstance(result, list):
            self._work(len(result))
        return result

    def _work(self, amount: int) -> None:
        self._work_left -= amount
        if self._work_left < 0:
            raise TooMuchWork("the expression takes too much work; let it select less, or split it over two steps")


def _with_times_as_text(made: Any) -> Any:
    """Inside a list or an object a time is text, so that every list and object is a JSON value."""
    if isinstance(made, list):
        return [times.as_text(item) if isinstance(item, datetime) else item for item in made]
    if isinstance(made, dict):
        return {key: times.as_text(item) if isinstance(item, datetime) else item for key, item in made.items()}
    return made


def _compared(comparator: str, left: Any, right: Any) -> bool | None:
    compare = visitor.TreeInterpreter.COMPARATOR_FUNC[comparator]
    if comparator in ("eq", "ne") or (_is_number(left) and _is_number(right)) or type(left) is type(right) is str:
        return bool(compare(left, right))
    return None  # JMESPath: what has no order compares to null


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _as_instants(left: Any, right: Any) -> tuple[float | None, float | None]:
    moments = times.as_moment(left), times.as_moment(right)
    first, second = (moment.timestamp() if moment else None for moment in moments)
    return first, second


# The base class looks methods up once per interpreter, and ours serves a single evaluation.
_METHODS = {name.removeprefix("visit_"): name for name in dir(Interpreter) if name.startswith("visit_")}
