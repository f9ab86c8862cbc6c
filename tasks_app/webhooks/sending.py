"""Sending: one signed POST of one event, within a deadline, to nowhere but where tools may go."""

import hmac
import json
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from pipelines import ToolFailure
from pipelines.alone import call_alone
from pipelines.errors import storable
from tasks_app.catalogue import builtin
from tasks_app.masking import masked
from tasks_app.models import Event
from tasks_app.webhooks.moves import Outcome

DEADLINE_SECONDS: Final = 10.0
_LONGEST_ERROR: Final = 500
_ANY_STATUS: Final = [*range(100, 600)]  # judged here


def send(url: str, event: Event, *, secrets: Sequence[str]) -> Outcome:
    """Send the event; any 2xx means that it was taken. Redirects are not followed."""
    begun = time.monotonic()
    body = json.dumps(event.envelope | {"data": masked(event.data)}, separators=(",", ":"))
    call = call_alone(
        "webhook", seconds=DEADLINE_SECONDS, run_id=str(event.id), request_id=event.request_id, key=str(event.id)
    )
    given = {
        "url": url,
        "method": "POST",
        "headers": {
            "Content-Type": "application/json",
            "User-Agent": "Ordinaut-Webhooks",
            "Ordinaut-Event-Id": str(event.id),
            "Ordinaut-Event-Type": event.type,
            "Ordinaut-Signature": signature(body, secrets=secrets, seconds=int(time.time())),
        },
        "body": body,
        "expect_status": _ANY_STATUS,
    }
    try:
        answer: dict[str, Any] = builtin().get("http.request").call(given, call)
    except ToolFailure as failure:
        return Outcome(None, storable(failure.error.message)[:_LONGEST_ERROR], _since(begun))
    status = int(answer["status"])
    if 200 <= status < 300:
        return Outcome(status, "", _since(begun))
    return Outcome(status, f"answered {status}", _since(begun), _retry_after(answer["headers"]))


def signature(body: str, *, secrets: Sequence[str], seconds: int) -> str:
    """`t=<seconds since 1970>,v1=<hex>`, one `v1` for each secret: HMAC-SHA256 of `<seconds>.<body>`."""
    signed = f"{seconds}.{body}".encode()
    proofs = [hmac.new(secret.encode(), signed, sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={seconds}", *(f"v1={proof}" for proof in proofs)])


def _retry_after(headers: dict[str, str]) -> float | None:
    text = headers.get("retry-after", "").strip()
    return float(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None


def _since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1000)
