"""What can go wrong between a program and the platform, as exceptions."""

import json
from dataclasses import dataclass
from typing import Any

import httpx


class OrdinautError(Exception):
    """Whatever this package raises."""


class NotLoggedIn(OrdinautError):
    """There is no login, it has ended, or the secret is wrong."""


class Unreachable(OrdinautError):
    """Nobody answers, or who answers is not Ordinaut."""


@dataclass(frozen=True)
class Fault:
    """What is wrong at one place of the request, and the cure; `pointer` is a JSON pointer (RFC 6901)."""

    pointer: str
    message: str


class Refused(OrdinautError):
    """The platform said no. Its text is the problem's `detail` (RFC 9457)."""

    def __init__(self, status: int, *, code: str, detail: str, request_id: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.request_id = request_id
        self.faults = faults


def refusal(answer: httpx.Response) -> Refused:
    """What an answer of 400 and above says, whoever gave it: a proxy knows no problems. It must have been read."""
    told = _object(answer)
    return Refused(
        answer.status_code,
        code=str(told.get("code", "")),
        detail=str(told.get("detail") or f"{answer.status_code} {answer.reason_phrase}"),
        request_id=str(told.get("request_id") or answer.headers.get("X-Request-ID", "")),
        faults=tuple(
            Fault(str(each.get("pointer", "")), str(each.get("message", "")))
            for each in told.get("errors") or ()
            if isinstance(each, dict)
        ),
    )


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return told if isinstance(told, dict) else {}
