"""How does a transport send a request so that its entry's promises hold?"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pipelines.calls import ToolCall
from pipelines.egress.answers import Answer
from pipelines.egress.bodies import CODINGS
from pipelines.egress.exchange import Request, Unanswered, exchange
from pipelines.egress.headers import InvalidHeader, call_headers, own_headers
from pipelines.errors import ErrorClass, Fault, OutcomeUnknown, StepError, StepFailed, ToolFailure
from pipelines.transports.disclosure import Disclosure
from pipelines.transports.entry import Outside
from pipelines.values import pointer_part

_NOT_BEGUN: Final = frozenset({408, 425, 429, 503})  # statuses by which a server says that it has done nothing


def header_faults(settings: Mapping[str, Any]) -> Iterator[Fault]:
    headers = settings.get("headers", {})
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        yield Fault("/settings/headers", 'is not an object of texts; write {"x-name": "value"}')
        return
    for name, value in headers.items():
        try:
            own_headers({name: value})
        except InvalidHeader as wrong:
            yield Fault(f"/settings/headers/{pointer_part(name)}", str(wrong))


def headers_for(call: ToolCall, own: Mapping[str, str], disclosure: Disclosure) -> dict[str, str]:
    """The headers of a request: the call's, and over them the entry's own with their secrets. Raises `StepFailed`."""
    own = {name: disclosure.text(text) for name, text in own.items()}
    try:
        checked = own_headers(own)
    except InvalidHeader as wrong:  # only a secret can be wrong here
        message = f"the header {wrong.name} {wrong}; a secret in it holds something else, such as a line break"
        raise StepFailed.permanently("secret_refused", message) from None
    return {"accept": "application/json, */*;q=0.5", **call_headers(call), **checked, "accept-encoding": CODINGS}


def json_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def sent(request: Request, call: ToolCall, outside: Outside, *, at_most_once: bool, redirects: int = 0) -> Answer:
    """The answer, of whatever status. Raises `StepFailed` and `Interrupted`.

    Where a call must not be repeated, only a failure before it was sent says that nothing has happened.
    """
    try:
        return exchange(request, call, outside.guard, redirects=redirects)
    except Unanswered as unanswered:
        if not at_most_once:
            raise
        if unanswered.sent:
            raise OutcomeUnknown(unanswered.error) from None
        raise ToolFailure(replace(unanswered.error, error_class=ErrorClass.RETRYABLE)) from None


def failed(error: StepError, *, status: int, at_most_once: bool) -> StepFailed:
    """What to raise for an answer that is a failure.

    A server that failed at a call which must not be repeated may have done it nevertheless.
    """
    if at_most_once and error.error_class == ErrorClass.RETRYABLE and status not in _NOT_BEGUN:
        return OutcomeUnknown(error)
    return ToolFailure(error)
