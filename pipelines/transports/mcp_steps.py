"""What does an MCP tool's answer, or that there was none, mean for a step?"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from mcp import MCPError
from mcp_types import CONNECTION_CLOSED, INTERNAL_ERROR, REQUEST_TIMEOUT, CallToolResult, TextContent
from pydantic import ValidationError

from pipelines.errors import ErrorClass, Interrupted, OutcomeUnknown, StepError, StepFailed, ToolFailure, storable
from pipelines.transports.event_loop import OutOfTime
from pipelines.transports.mcp_troubles import CutOff, leaf
from pipelines.transports.mcp_wanted import Progress

_SHOWN: Final = 500  # characters of what a peer says


def output_of(result: CallToolResult) -> Any:
    """The structured content; else the text, read as JSON where it is an object or a list; else every block of content.

    Raises `ToolFailure` (mcp_tool_error) when the tool says that it failed.
    """
    if result.is_error:
        message = storable(_text(result) or "the tool failed and does not say why")
        raise ToolFailure(StepError(ErrorClass.PERMANENT, "mcp_tool_error", message))
    if result.structured_content is not None:
        return result.structured_content
    if all(isinstance(block, TextContent) for block in result.content):
        return _read(_text(result))
    return {"content": [block.model_dump(mode="json", by_alias=True, exclude_none=True) for block in result.content]}


def _text(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


def _read(text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return {"text": text}
    return value if isinstance(value, dict | list) else {"text": text}


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


@contextmanager
def failing_as_steps(
    peer: str, *, late: StepError, progress: Progress | None = None, at_most_once: bool = False
) -> Iterator[None]:
    """Whatever goes wrong inside is raised as what it means for the step: as `StepFailed`, or `Interrupted`.

    `late` is what it means that the time is over. A tool that must act at most once, and may have been asked to, is not to
    be called again: `OutcomeUnknown`. Where it has not been asked yet, nothing has happened, and it may.
    """
    asked = progress or Progress()
    try:
        yield
    except (Interrupted, StepFailed):
        raise
    except OutOfTime:
        raise _failure(late, asked, at_most_once=at_most_once) from None
    except Exception as error:  # noqa: BLE001 - the SDK's edge: whatever it raises becomes an outcome
        found = leaf(error)
        if isinstance(found, StepFailed):
            raise found from None
        raise _failure(_meaning(found, peer), asked, at_most_once=at_most_once) from None


def _failure(error: StepError, progress: Progress, *, at_most_once: bool) -> StepFailed:
    if not at_most_once or error.error_class == ErrorClass.PERMANENT:
        return ToolFailure(error)
    if progress.asked:
        return OutcomeUnknown(error)
    return ToolFailure(replace(error, error_class=ErrorClass.RETRYABLE))


def _meaning(error: BaseException, peer: str) -> StepError:
    if isinstance(error, CutOff):
        return error.error
    if isinstance(error, MCPError):
        return _meaning_of_answer(error, peer)
    if isinstance(error, ValidationError):
        wrong = "; ".join(f"/{'/'.join(map(str, each['loc']))} {each['msg']}" for each in error.errors()[:3])
        return _error(ErrorClass.PERMANENT, "mcp_protocol", f"{peer} answered what is not MCP: {wrong}")
    if isinstance(error, RuntimeError):  # the SDK's word for an answer that it cannot go on with
        return _error(ErrorClass.PERMANENT, "mcp_protocol", f"{peer}: {error}")
    return _error(ErrorClass.RETRYABLE, "connection_lost", f"{peer}: {type(error).__name__}: {error}")


def _meaning_of_answer(error: MCPError, peer: str) -> StepError:
    said = f"{peer}: {error.message} (code {error.code})"
    if error.code == CONNECTION_CLOSED:
        return _error(ErrorClass.RETRYABLE, "connection_lost", said)
    if error.code == REQUEST_TIMEOUT:
        return _error(ErrorClass.TIMEOUT, "timeout", said)
    if error.code == INTERNAL_ERROR:
        return _error(ErrorClass.RETRYABLE, "mcp_error", said)
    return _error(ErrorClass.PERMANENT, "mcp_error", said)


def _error(error_class: ErrorClass, code: str, message: str) -> StepError:
    return StepError(error_class, code, storable(message)[:_SHOWN])
