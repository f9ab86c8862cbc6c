"""What did the model say, and is it an answer at all?"""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from pipelines.egress.answers import Answer
from pipelines.errors import ErrorClass, StepError, StepFailed, ToolFailure
from pipelines.schemas import SchemaMismatch

_FENCED: Final = re.compile(r"```(?:json)?\s*\n(.*)\n\s*```", re.DOTALL | re.IGNORECASE)
_EXCERPT: Final = 200
_MOST_TOKENS: Final = 1_000_000_000  # that a provider is believed to have counted


@dataclass(frozen=True, slots=True)
class Completion:
    """The text of an answer, and the model that gave it by its own account."""

    text: str
    model: str


def completion_of(answer: Answer, *, shown: Answer) -> Completion:
    """The first choice of a chat completion. `shown` is the answer as errors may quote it. Raises `StepFailed`."""
    said = _object(answer)
    choices = said.get("choices")
    if not isinstance(choices, list):
        raise _passing("llm_invalid_answer", f"{answer.host} answered what is no chat completion{_excerpt(shown)}")
    choice = choices[0] if choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise _passing("llm_empty_answer", f"{answer.host} answered without a choice")
    if message.get("tool_calls") or message.get("function_call"):
        text = "the model asked for a tool; what it says is data and calls nothing"
        raise StepFailed.permanently("llm_tool_call", text)
    _check_ending(choice.get("finish_reason"), message)
    text = _text(message.get("content"))
    if not text.strip():
        raise _passing("llm_empty_answer", f"{answer.host} answered with an empty text")
    model = said.get("model")
    return Completion(text, model if isinstance(model, str) else "")


def json_in(text: str) -> Any:
    """The JSON value that an answer is, also in a fenced block. Raises `SchemaMismatch`."""
    fenced = _FENCED.fullmatch(text.strip())
    try:
        return json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError) as wrong:
        raise SchemaMismatch("", f"is not JSON: {wrong}"[:300]) from None


def usage_said(answer: Answer) -> tuple[int | None, int | None]:
    """The tokens that went in and came out, as far as the provider says."""
    usage = _object(answer).get("usage")
    if not isinstance(usage, dict):
        return None, None
    return _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))


def _object(answer: Answer) -> dict[str, Any]:
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else None


def _check_ending(reason: Any, message: dict[str, Any]) -> None:
    if reason == "length":
        cure = "raise max_tokens, or ask for less"
        raise StepFailed.permanently("llm_cut_off", f"the answer was cut off at its limit of tokens; {cure}")
    if reason == "content_filter" or message.get("refusal"):
        raise StepFailed.permanently("llm_refused", "the model, or its provider's filter, refused to answer")


def _text(content: Any) -> str:
    """A text, or the texts of a list of parts."""
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""


def _passing(code: str, message: str) -> ToolFailure:
    return ToolFailure(StepError(ErrorClass.RETRYABLE, code, message[:500]))


def _excerpt(shown: Answer) -> str:
    text = shown.body[:_EXCERPT].decode("utf-8", errors="replace").strip()
    return f": {text!a}" if text else ""
