"""What the file behind an address says: asked as a step asks with `http.request`, within its limits."""

import time
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from pipelines import ToolFailure
from pipelines.alone import call_alone
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
    call = call_alone("fetch", seconds=deadline - time.monotonic(), run_id=str(new_id()))
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
