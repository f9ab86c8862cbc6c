"""How does a tool ask a service for its run, and how is the step told that it may not be?"""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from pipelines import StepFailed, ToolCall, ToolFailure
from tasks_app.exceptions import (
    CausationTooDeep,
    IllegalMove,
    InvalidRequest,
    NotPermitted,
    OrdinautError,
    TooManyMade,
    UnknownTask,
)
from tasks_app.services import deeds
from tasks_app.services.deeds import Source
from tasks_app.tools.connection import on_a_connection

_CODES: Final[dict[type[OrdinautError], str]] = {
    CausationTooDeep: "causation_too_deep",
    TooManyMade: "limit_reached",
    UnknownTask: "unknown_task",
    InvalidRequest: "invalid_input",
    NotPermitted: "not_permitted",
    IllegalMove: "illegal_move",
}


def ask_once(call: ToolCall, ask: Callable[[Source], Any], *, refused: str = "deed.refused", **about: Any) -> Any:
    """What `ask` answers to the step. Raises `ToolFailure`, for good when it is refused, and as `on_a_connection` does.

    refused: what the audit calls it, with `about`, that there was no end to what runs make.
    """
    source = source_of(call)

    def asked() -> Any:
        try:
            return ask(source)
        except OrdinautError as refusal:
            if isinstance(refusal, CausationTooDeep | TooManyMade):
                deeds.note_refusal(source, refused, refusal, **about)
            raise failure(_code_of(refusal), refusal) from None

    return on_a_connection(asked, call)


def source_of(call: ToolCall) -> Source:
    return Source(
        run=UUID(call.run_id),
        step=call.step,
        agent=UUID(call.agent_id),
        request_id=call.request_id,
        depth=call.causation,
    )


def failure(code: str, why: object) -> ToolFailure:
    """A failure that trying again does not mend."""
    return ToolFailure(StepFailed.permanently(code, str(why)).error)


def _code_of(refusal: OrdinautError) -> str:
    return next(_CODES[kind] for kind in type(refusal).__mro__ if kind in _CODES)
