"""What the file behind an address says: asked as a step asks with `http.request`, within its limits."""

import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from pipelines import Step, StepRecord, ToolFailure
from pipelines.calls import ToolCall
from pipelines.usage import Usage
from tasks_app.catalogue import builtin
from tasks_app.conf import conf
from tasks_app.models.ids import new_id

MOST_URLS: Final = 5
_SECONDS: Final = 15.0  # for all of a calendar's files
_REDIRECTS: Final = 3


class NotFetched(Exception):
    """The file could not be had; the text says why."""


def fetch_all(urls: Iterable[str]) -> dict[str, str | NotFetched]:
    """The text behind each address, or why there is none; after 15 s the rest is given up.

    https alone, but for hosts that the operator allows; public addresses alone, but for the same hosts; each redirect
    is judged like the first address; 1 MB a file at most.
    """
    deadline = time.monotonic() + _SECONDS
    answers: dict[str, str | NotFetched] = {}
    for url in urls:
        try:
            answers[url] = _fetch(url, deadline=deadline)
        except NotFetched as failure:
            answers[url] = failure
    return answers


def _fetch(url: str, *, deadline: float) -> str:
    if refusal := _refusal(url):
        raise NotFetched(refusal)
    call = ToolCall(
        "fetch",
        deadline,
        context={"run": {"id": str(new_id())}},
        journal=_NoJournal(),
        clock=_Clock(),
    )
    headers = {"accept": "text/calendar, text/plain;q=0.5, */*;q=0.1"}
    given = {"url": url, "headers": headers, "follow_redirects": _REDIRECTS, "expect_status": 200}
    try:
        answer = builtin().get("http.request").call(given, call)
    except ToolFailure as failure:
        raise NotFetched(failure.error.message) from failure
    text = str(answer.get("text", ""))
    if "\0" in text:
        raise NotFetched(f"{urlsplit(url).hostname} sent what is no text")
    if not text.strip():
        raise NotFetched(f"{urlsplit(url).hostname} sent no iCalendar file")
    return text


def _refusal(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError:
        return "this is not an address"
    if parts.scheme == "https" or (parts.scheme == "http" and f"{parts.hostname}:{port}" in conf().http_allow):
        return None
    return f"use https; the operator can allow {parts.hostname}:{port} in ORDINAUT_HTTP_ALLOW"


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class _NoJournal:
    """Of a call that belongs to no run: nothing is kept, and nobody stops it."""

    def share(self) -> None:
        """A call has one thread."""

    def recorded(self) -> Mapping[str, StepRecord]:
        return {}

    def keep(self, record: StepRecord) -> None:
        """Nothing is kept."""

    def checkpoint(self, record: StepRecord) -> None:
        """Nothing is kept."""

    def remembered(self, tool: str, key: str) -> None:
        """Nothing is kept."""

    def remember(self, record: StepRecord, *, seconds: int) -> None:
        """Nothing is kept."""

    def before_effect(self, step: Step) -> None:
        """Nothing is kept."""

    def begin(self, record: StepRecord) -> None:
        """Nothing is kept."""

    def calling(self, tool: str, destination: str, *, seconds: float) -> AbstractContextManager[None]:
        """Nobody is asked: a file is fetched a few times a day."""
        return nullcontext()

    def permit(self, tool: str, scopes: frozenset[str]) -> None:
        """It is called for no agent."""

    def reserve(self, usage: Usage) -> None:
        """A file costs nothing."""

    def charge(self, usage: Usage) -> None:
        """A file costs nothing."""

    def may_retry(self) -> bool:
        return True

    def interrupted(self) -> bool:
        return False

    def wait(self, seconds: float) -> bool:
        time.sleep(seconds)
        return False
