"""What do a catalogue's tools answer in a run that only pretends?

Their input is rendered and checked as ever, and nothing outside is asked. A tool that touches nothing outside says so by what it
does in a simulation; any other answers as one of its examples does, the one whose input is most like what it is given, or with
what fits its output schema. Nobody waits: sleeps are over, approvals given and events there at once.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.calls import ToolCall
from pipelines.catalogue import Catalogue, Tool
from pipelines.errors import StepFailed
from pipelines.samples import NoSample, sample_of


class SimulatedCatalogue(Catalogue):
    """The same tools, of which none reaches outside. A step whose answer cannot be made up fails with `cannot_simulate`."""

    def __init__(self, tools: Catalogue) -> None:
        super().__init__()
        self._real = tools

    def get(self, address: str) -> Tool:
        return simulated(self._real.get(address))

    def __contains__(self, address: object) -> bool:
        return address in self._real

    def __iter__(self) -> Iterator[Tool]:
        return map(simulated, self._real)

    def __len__(self) -> int:
        return len(self._real)


def simulated(tool: Tool) -> Tool:
    """A tool with the same address and schemas that does nothing."""

    def call(given: Any, call: ToolCall) -> Any:
        if tool.simulate is not None:
            return tool.simulate(given, call)
        return made_up_output(tool, given)

    pretended = copy.copy(tool)  # its schemas are compiled already
    for name, value in (("call", call), ("pure", True), ("safe_to_retry", True), ("destination", None)):
        object.__setattr__(pretended, name, value)
    return pretended


def made_up_output(tool: Tool, given: Any) -> Any:
    """What the tool might answer. Raises `StepFailed` (cannot_simulate)."""
    examples = [example for example in tool.examples if "output" in example]
    if examples:
        return max(examples, key=lambda example: _likeness(example.get("input"), given))["output"]
    try:
        return sample_of(tool.output_schema)
    except NoSample as no_sample:
        message = f"{tool.address} has no example, and none can be made up: output_schema at {no_sample}"
        raise StepFailed.permanently("cannot_simulate", message[:500]) from None


def _likeness(example: Any, given: Any) -> float:
    """1 for equal; of objects, the part of all their properties that is alike, the same name alone being worth a quarter."""
    if isinstance(example, Mapping) and isinstance(given, Mapping):
        names = example.keys() | given.keys()
        if not names:
            return 1.0
        shared = example.keys() & given.keys()
        return sum(0.25 + 0.75 * _likeness(example[name], given[name]) for name in shared) / len(names)
    return float(type(example) is type(given) and example == given)
