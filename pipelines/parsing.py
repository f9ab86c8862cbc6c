"""Is a payload a pipeline, and which one?

Everything that can be known before a run is checked here: every fault is reported, each with its place and its cure.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pipelines import block_fields, order, step_fields
from pipelines.catalogue import Catalogue
from pipelines.errors import Fault, InvalidPipeline
from pipelines.expressions.compiler import InvalidExpression, truth
from pipelines.names import Names, did_you_mean
from pipelines.schemas import SchemaMismatch
from pipelines.spec import Body, Holds, Pipeline, Recovery, Step
from pipelines.templates import Template, compile_template, unwrapped
from pipelines.values import UnfitValue, ValueTooLarge, pointer_part, spend

MAX_STEPS = 100
MAX_PAYLOAD_BYTES = 256_000
MOST_FAULTS = 200
MAX_DESCRIPTION = 2_000  # characters

FIELDS = ("id", "uses", "with", "save_as", "if", "description", *step_fields.FIELDS, *order.FIELDS)
_MOST_NAMED = 20
_NO_TEMPLATE = Template(constant={}, fill=None, paths=())


def parse(payload: Mapping[str, Any], *, tools: Catalogue | None = None) -> Pipeline:
    """Check and compile `{"params": {...}, "pipeline": [step, ...]}`.

    With `tools`, steps must use known ones, and inputs without templates must fit their schemas.
    Raises `InvalidPipeline`.
    """
    _refuse_unfit(payload)
    parser = _Parser(tools)
    pipeline = parser.pipeline(payload)
    if parser.faults:
        raise InvalidPipeline(tuple(parser.faults))
    return pipeline


def _refuse_unfit(payload: Any) -> None:
    if not isinstance(payload, Mapping):
        raise InvalidPipeline((Fault("", 'the payload is an object: {"params": {...}, "pipeline": [...]}'),))
    try:
        spend(dict(payload), MAX_PAYLOAD_BYTES)
    except ValueTooLarge as too_large:
        message = f"the payload is larger than {MAX_PAYLOAD_BYTES // 1000} kB; let a step fetch what is large"
        raise InvalidPipeline((Fault(too_large.pointer, message),)) from None
    except UnfitValue as unfit:
        raise InvalidPipeline((Fault(unfit.pointer, unfit.reason),)) from None


class _Parser:
    """Of one list of steps, at `place`: a pipeline's, or one `depth` levels inside a step."""

    def __init__(
        self,
        tools: Catalogue | None,
        *,
        faults: list[Fault] | None = None,
        names: Names | None = None,
        place: str = "/pipeline",
        depth: int = 0,
    ) -> None:
        self.faults: list[Fault] = [] if faults is None else faults
        self._tools = tools
        self._names = names or Names(self._fault)
        self._place = place
        self._depth = depth

    def pipeline(self, payload: Mapping[str, Any]) -> Pipeline:
        for name in payload:
            if name not in ("params", "pipeline"):
                self._fault(f"/{pointer_part(name)}", "is not known here; a payload has params and pipeline")
        params = payload.get("params", {})
        if not isinstance(params, dict):
            self._fault("/params", 'is not an object; write {"name": value}')
            params = {}
        body = self.body(payload.get("pipeline"))
        return Pipeline(body.steps, params, reads_clock=self._names.reads_clock, order=body.order)

    def body(self, steps: Any) -> Body:
        if not isinstance(steps, list) or not steps:
            wrong = "has no step; write at least one" if steps == [] else "is not a list of steps; write one"
            self._fault(self._place, f'{wrong}, such as [{{"uses": "debug.echo"}}]')
            return Body(())
        if len(steps) > MAX_STEPS:
            self._fault(self._place, f"has {len(steps)} steps; {MAX_STEPS} are allowed, so make it several tasks")
            return Body(())
        for position, step in enumerate(steps):
            self._take_names(step, position)
        planned = order.order_of(steps, self._names.positions, self._place, self._fault)
        self._names.let_see(
            planned.sees,
            as_listed=not any(field in step for step in steps if isinstance(step, dict) for field in order.FIELDS),
        )
        parsed = (self._step(step, position) for position, step in enumerate(steps))
        return Body(
            tuple(step for step in parsed if step is not None), None if order.is_as_listed(planned) else planned
        )

    def _body_inside(self, steps: Any, place: str, position: int, extra: Iterable[str]) -> Body:
        """A list of steps in the `with` of the step at `position`."""
        if self._depth == block_fields.MAX_DEPTH:
            self._fault(
                place, f"lists of steps are nested {block_fields.MAX_DEPTH} deep at most; make it a task of its own"
            )
            return Body(())
        names = Names(self._fault, outer=self._names, outer_position=position, extra=extra)
        return _Parser(self._tools, faults=self.faults, names=names, place=place, depth=self._depth + 1).body(steps)

    def _take_names(self, step: Any, position: int) -> None:
        if not isinstance(step, dict):
            return
        step_id = step.get("id", f"step_{position + 1}")
        self._names.take(step_id, position, f"{self._place}/{position}/id")
        if step.get("save_as") not in (None, step_id):
            self._names.take(step["save_as"], position, f"{self._place}/{position}/save_as")

    def _step(self, step: Any, position: int) -> Step | None:
        place = f"{self._place}/{position}"
        if not isinstance(step, dict):
            self._fault(place, 'is not an object; write {"uses": "debug.echo"}')
            return None
        self._check_fields(step, place)
        uses = self._uses(step.get("uses"), f"{place}/uses")
        block, template = None, _NO_TEMPLATE
        if uses in block_fields.ADDRESSES:
            block = self._blocks(position).of(step, uses, place)
        else:
            template = self._template(step.get("with"), position)
            self._check_constant_input(uses, template, f"{place}/with")
        return Step(
            id=step.get("id", f"step_{position + 1}"),
            uses=uses,
            template=template,
            condition=self._condition(step, position),
            save_as=step.get("save_as"),
            timeout_seconds=step_fields.timeout_of(step, place, self._fault),
            retries=step_fields.retries_of(step, place, self._fault),
            recovery=self._recovery(step, position),
            key=self._key(step, position),
            ttl_seconds=None if block else step_fields.ttl_of(step, place, self._fault),
            description=self._description(step, f"{place}/description"),
            block=block,
        )

    def _blocks(self, position: int) -> block_fields.Blocks:
        return block_fields.Blocks(
            body=lambda steps, place, extra: self._body_inside(steps, place, position, extra),
            template=lambda value, place: self._compiled(value, place, position),
            condition=lambda text, place: self._holds(text, place, position),
            report=self._fault,
        )

    def _check_fields(self, step: dict[str, Any], place: str) -> None:
        for name in step:
            if name not in FIELDS:
                hint = did_you_mean(name, FIELDS)
                self._fault(
                    f"{place}/{pointer_part(name)}", f"is not a field of a step{hint}; known are {', '.join(FIELDS)}"
                )

    def _uses(self, uses: Any, place: str) -> str:
        if not isinstance(uses, str) or not uses:
            self._fault(place, "a step needs the address of its tool, such as debug.echo")
            return ""
        if self._tools is not None and uses not in self._tools:
            known = sorted(tool.address for tool in self._tools)
            more = ", ..." if len(known) > _MOST_NAMED else ""
            hint = did_you_mean(uses, known)
            self._fault(
                place, f"there is no tool called {uses[:100]!r}{hint}; known are {', '.join(known[:_MOST_NAMED])}{more}"
            )
        return uses

    def _template(self, value: Any, position: int) -> Template:
        place = f"{self._place}/{position}/with"
        if value is None:
            return _NO_TEMPLATE
        if not isinstance(value, dict) and not (isinstance(value, str) and value.startswith("${")):
            self._fault(place, "is not an object; write the tool's input by name, or one ${...} that is an object")
            return _NO_TEMPLATE
        return self._compiled(value, place, position)

    def _compiled(self, value: Any, place: str, position: int) -> Template:
        template = _NO_TEMPLATE
        wrong: tuple[Exception, ...] = ()
        try:
            template = compile_template(value)
        except* ValueError as invalid:
            wrong = invalid.exceptions
        for fault in wrong:
            self._fault(f"{place}{getattr(fault, 'pointer', '')}", str(fault))
        for pointer, path in dict.fromkeys(template.paths):
            self._names.check_path(path, position, f"{place}{pointer}")
        return template

    def _recovery(self, step: dict[str, Any], position: int) -> Recovery | None:
        place = f"{self._place}/{position}"
        strategy = step_fields.strategy_of(step, place, self._fault)
        if strategy == "continue":
            return Recovery()
        if strategy == "fallback":
            value = step["on_error"]["fallback_value"]
            return Recovery(self._compiled(value, f"{place}/on_error/fallback_value", position))
        return None

    def _key(self, step: dict[str, Any], position: int) -> Template | None:
        if "idempotency_key" not in step:
            return None
        place = f"{self._place}/{position}/idempotency_key"
        template = self._compiled(step["idempotency_key"], place, position)
        step_fields.check_key(step["idempotency_key"], template, place, self._fault)
        return template

    def _condition(self, step: dict[str, Any], position: int) -> Holds | None:
        text = step.get("if")
        return None if text is None else self._holds(text, f"{self._place}/{position}/if", position)

    def _holds(self, text: Any, place: str, position: int) -> Holds | None:
        """A condition; None where it always holds."""
        if isinstance(text, bool):
            return None if text else _never
        if not isinstance(text, str):
            self._fault(place, "is not an expression; write text such as steps.weather.temperature > 25")
            return None
        try:
            condition, paths = truth(unwrapped(text))
        except InvalidExpression as invalid:
            self._fault(place, str(invalid))
            return None
        for path in dict.fromkeys(paths):
            self._names.check_path(path, position, place)
        return condition

    def _check_constant_input(self, uses: str, template: Template, place: str) -> None:
        if self._tools is None or uses not in self._tools or template.fill is not None:
            return
        check = self._tools.get(uses).check_input
        if check is None:
            return
        try:
            check(template.constant)
        except SchemaMismatch as mismatch:
            self._fault(f"{place}{mismatch.pointer}", mismatch.reason)

    def _description(self, step: dict[str, Any], place: str) -> str:
        description = step.get("description", "")
        if not isinstance(description, str) or len(description) > MAX_DESCRIPTION:
            self._fault(place, f"is not a text of at most {MAX_DESCRIPTION} characters")
            return ""
        return description

    def _fault(self, pointer: str, message: str) -> None:
        """Report a fault; beyond `MOST_FAULTS` nobody reads on, and finding what was meant by each takes its time."""
        self.faults.append(Fault(pointer, message))
        if len(self.faults) == MOST_FAULTS:
            raise InvalidPipeline(tuple(self.faults))


def _never(_scope: Any) -> bool:
    return False
