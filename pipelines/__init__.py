"""How is a task done? Pipelines of tool calls: checked and compiled by `parse`, carried out by `execute`. No Django.

A task may also wait for a condition: `parse_condition`, and `look` whether it is met.
"""

from pipelines.calls import ToolCall
from pipelines.catalogue import Catalogue, Tool
from pipelines.conditions import Condition, Seen, look, parse_condition
from pipelines.errors import (
    ErrorClass,
    Fault,
    Interrupted,
    InvalidPipeline,
    Park,
    Postponed,
    StepError,
    StepFailed,
    ToolFailure,
    UnknownTool,
)
from pipelines.executor import execute
from pipelines.parsing import parse
from pipelines.records import Failed, InDoubt, Outcome, Parked, StepRecord, StepState, Succeeded
from pipelines.spec import Pipeline, Step
from pipelines.surroundings import Clock, Journal
from pipelines.tools import builtin_catalogue

__all__ = [
    "Catalogue",
    "Clock",
    "Condition",
    "ErrorClass",
    "Failed",
    "Fault",
    "InDoubt",
    "Interrupted",
    "InvalidPipeline",
    "Journal",
    "Outcome",
    "Park",
    "Parked",
    "Pipeline",
    "Postponed",
    "Seen",
    "Step",
    "StepError",
    "StepFailed",
    "StepRecord",
    "StepState",
    "Succeeded",
    "Tool",
    "ToolCall",
    "ToolFailure",
    "UnknownTool",
    "builtin_catalogue",
    "execute",
    "look",
    "parse",
    "parse_condition",
]
