"""Verdicts: what the end of a call says about its destination."""

from enum import Enum, auto
from typing import Final

from pipelines import ErrorClass, StepFailed


class Verdict(Enum):
    ANSWERED = auto()
    FAILED = auto()
    SILENT = auto()


# The destination refused, or answered what the step cannot use: it is there all the same.
_ANSWERS: Final = frozenset(
    {
        "http_status",
        "answer_too_large",
        "content_encoding",
        "redirect_refused",
        "invalid_output",
        "jsonrpc_error",
        "jsonrpc_protocol",
        "llm_cut_off",
        "llm_invalid_output",
        "llm_refused",
        "llm_tool_call",
    }
)
_FAILURES: Final = frozenset({ErrorClass.RETRYABLE, ErrorClass.TIMEOUT})


def verdict_of(raised: BaseException | None) -> Verdict:
    """A failure is what may pass by itself (5xx, 429, no connection, no answer in time), never a 4xx.

    Silent are calls that did not get as far as the destination, such as those that our own checks refused or a stop
    interrupted.
    """
    if raised is None:
        return Verdict.ANSWERED
    if not isinstance(raised, StepFailed):
        return Verdict.SILENT
    if raised.error.error_class in _FAILURES:
        return Verdict.FAILED
    return Verdict.ANSWERED if raised.error.code in _ANSWERS else Verdict.SILENT
