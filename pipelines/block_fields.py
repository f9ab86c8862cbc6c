"""What does a step say whose work is other steps: pipeline.foreach, pipeline.parallel, a choice?"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipelines.names import OF_AN_ITEM, did_you_mean, is_name
from pipelines.spec import Block, Body, Choice, Foreach, Holds, Parallel
from pipelines.step_fields import Report
from pipelines.templates import Template
from pipelines.values import pointer_part

FOREACH: Final = "pipeline.foreach"
PARALLEL: Final = "pipeline.parallel"
EXECUTION: Final = "orchestrator.conditional_execution"
LOGIC: Final = "orchestrator.conditional_logic"
ADDRESSES: Final = frozenset({FOREACH, PARALLEL, EXECUTION, LOGIC})

MAX_DEPTH: Final = 3  # lists of steps inside lists of steps
MAX_CONCURRENCY: Final = 50
MAX_ITEMS: Final = 10_000
USUAL_ITEMS: Final = 1_000
MAX_ITEMS_OF_RUN: Final = 50_000  # of all its foreach together: each leaves records
MAX_BRANCHES: Final = 50

_FIELDS: Final = {
    FOREACH: ("items", "items_path", "body", "concurrency", "max_concurrency", "on_item_error", "max_items"),
    PARALLEL: ("branches", "concurrency", "max_concurrency", "on_branch_error"),
    EXECUTION: ("condition", "then", "else"),
    LOGIC: ("cases", "conditions", "else", "default"),
}
_CASE_FIELDS: Final = ("if", "condition", "then", "steps")
_OF_CALLS: Final = (
    "timeout_seconds", "max_retries", "retry_count", "retry_delay", "idempotency_key", "idempotency_ttl_seconds",
)  # fmt: skip
_ITEMS_RULE: Final = "is not a list, nor a template that comes to one: write ${steps.found.items}"


@dataclass(frozen=True, slots=True)
class Blocks:
    """Compiles them. The functions compile, at a place, what the pipeline's parser knows how to; `report` takes faults."""

    body: Callable[[Any, str, Iterable[str]], Body]
    template: Callable[[Any, str], Template]
    condition: Callable[[Any, str], Holds | None]
    report: Report

    def of(self, step: Mapping[str, Any], uses: str, place: str) -> Block | None:
        """What the step at `place` holds; None where it is not even an object."""
        self._refuse_what_calls_say(step, place)
        given, place = step.get("with"), f"{place}/with"
        if not isinstance(given, dict):
            self.report(place, f"is not an object; {uses} takes {', '.join(_FIELDS[uses])}")
            return None
        self._refuse_unknown(given, _FIELDS[uses], place)
        if uses == FOREACH:
            return self._foreach(given, place)
        if uses == PARALLEL:
            return self._parallel(given, place)
        return Choice(tuple(self._execution(given, place) if uses == EXECUTION else self._logic(given, place)))

    def _foreach(self, given: Mapping[str, Any], place: str) -> Foreach:
        return Foreach(
            items=self._items(given, place).render,
            body=self.body(given.get("body"), f"{place}/body", OF_AN_ITEM),
            concurrency=self._concurrency(given, place, usual=1),
            goes_on=self._goes_on(given, "on_item_error", place),
            most=self._whole(given, "max_items", place, usual=USUAL_ITEMS, most=MAX_ITEMS),
        )

    def _items(self, given: Mapping[str, Any], place: str) -> Template:
        name = self._one_of(given, ("items", "items_path"), place)
        value = given.get(name)
        if name == "items_path":
            if not isinstance(value, str) or not value:
                self.report(f"{place}/{name}", "is not a path; write steps.found.items")
                return _NOTHING
            value = value if value.startswith("${") else f"${{{value.removeprefix('$.')}}}"
        elif not isinstance(value, list) and not (isinstance(value, str) and value.startswith("${")):
            self.report(f"{place}/{name}", _ITEMS_RULE)
            return _NOTHING
        return self.template(value, f"{place}/{name}")

    def _parallel(self, given: Mapping[str, Any], place: str) -> Parallel:
        branches = given.get("branches")
        named = isinstance(branches, dict)
        return Parallel(
            branches=tuple(self._branches(branches, f"{place}/branches")),
            named=named,
            concurrency=self._concurrency(given, place, usual=MAX_CONCURRENCY),
            goes_on=self._goes_on(given, "on_branch_error", place),
        )

    def _branches(self, given: Any, place: str) -> Iterable[tuple[str, Body]]:
        if not isinstance(given, list | dict) or not 1 <= len(given) <= MAX_BRANCHES:
            message = f"is not 1 to {MAX_BRANCHES} lists of steps, in a list or by name"
            self.report(place, message)
            return
        for name, steps in given.items() if isinstance(given, dict) else enumerate(given):
            inside = f"{place}/{pointer_part(name)}"
            if isinstance(given, dict) and not is_name(name):
                self.report(
                    inside, "is not called as a branch can be: begin with a letter, go on with letters, digits, _ and -"
                )
            yield str(name), self.body(steps, inside, ())

    def _execution(self, given: Mapping[str, Any], place: str) -> Iterable[tuple[str, Holds | None, Body]]:
        yield "then", self._held(given, "condition", place), self.body(given.get("then"), f"{place}/then", ())
        if "else" in given:
            yield "else", None, self.body(given["else"], f"{place}/else", ())

    def _logic(self, given: Mapping[str, Any], place: str) -> Iterable[tuple[str, Holds | None, Body]]:
        name = self._one_of(given, ("cases", "conditions"), place)
        cases = given.get(name)
        if not isinstance(cases, list) or not 1 <= len(cases) <= MAX_BRANCHES:
            message = f'is not a list of 1 to {MAX_BRANCHES} cases; write [{{"if": "params.x > 1", "then": [...]}}]'
            self.report(f"{place}/{name}", message)
            cases = []
        for number, case in enumerate(cases):
            yield str(number), *self._case(case, f"{place}/{name}/{number}")
        otherwise = self._one_of(given, ("else", "default"), place)
        if otherwise in given:
            yield "else", None, self.body(given[otherwise], f"{place}/{otherwise}", ())

    def _case(self, case: Any, place: str) -> tuple[Holds | None, Body]:
        if not isinstance(case, dict):
            self.report(place, 'is not a case; write {"if": "params.x > 1", "then": [...]}')
            return None, Body(())
        self._refuse_unknown(case, _CASE_FIELDS, place)
        condition = self._one_of(case, ("if", "condition"), place)
        steps = self._one_of(case, ("then", "steps"), place)
        return self._held(case, condition, place), self.body(case.get(steps), f"{place}/{steps}", ())

    def _held(self, given: Mapping[str, Any], name: str, place: str) -> Holds | None:
        return self.condition(given.get(name), f"{place}/{name}")

    def _concurrency(self, given: Mapping[str, Any], place: str, *, usual: int) -> int:
        name = self._one_of(given, ("concurrency", "max_concurrency"), place)
        return self._whole(given, name, place, usual=usual, most=MAX_CONCURRENCY)

    def _whole(self, given: Mapping[str, Any], name: str, place: str, *, usual: int, most: int) -> int:
        number = given.get(name, usual)
        if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= most:
            return number
        self.report(f"{place}/{name}", f"is not a whole number from 1 to {most}")
        return usual

    def _goes_on(self, given: Mapping[str, Any], name: str, place: str) -> bool:
        policy = given.get(name, "fail")
        if policy not in ("fail", "continue"):
            self.report(f"{place}/{name}", "is not one of fail and continue")
        return bool(policy == "continue")

    def _one_of(self, given: Mapping[str, Any], names: tuple[str, str], place: str) -> str:
        """Which of two names for one thing was given; the first where none was."""
        found = [name for name in names if name in given]
        if len(found) == 2:
            self.report(f"{place}/{found[1]}", f"is another name of {found[0]}; give one of them")
        return found[0] if found else names[0]

    def _refuse_unknown(self, given: Mapping[str, Any], known: tuple[str, ...], place: str) -> None:
        for name in given:
            if name not in known:
                hint = did_you_mean(name, known)
                self.report(f"{place}/{pointer_part(name)}", f"is not known here{hint}; known are {', '.join(known)}")

    def _refuse_what_calls_say(self, step: Mapping[str, Any], place: str) -> None:
        for name in _OF_CALLS:
            if name in step:
                self.report(f"{place}/{name}", f"is for a single call: give it to the steps inside {step['uses']}")
        if step.get("on_error") == "retry":
            self.report(f"{place}/on_error", f"is for a single call: give it to the steps inside {step['uses']}")


_NOTHING: Final = Template(constant=[], fill=None, paths=())
