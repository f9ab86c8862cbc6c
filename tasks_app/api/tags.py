"""Entity tags and conditions on them (RFC 9110, 8.8.3 and 13).

A resource that can be changed has the tag `"edition.digest"`. The digest covers every byte of the answer: with If-None-Match
it tells whether anything is new. The edition covers what a change can set: with If-Match it tells whether somebody else has
changed that, however often the resource has run, failed or been delivered meanwhile. All other answers have a weak tag.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.http.response import HttpResponseBase
from rest_framework import status
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from tasks_app.services.guard import PreconditionFailed

VERSIONED: Final = ("version",)  # the edition is this number, as it is
GUARDED: Final = frozenset({"update", "partial_update", "destroy", "ics"})
TAGGED: Final = frozenset({"retrieve", "create", "partial_update"})
_REVALIDATED: Final = "private, no-cache"
_TAG: Final = re.compile(r'\s*(?P<weak>W/)?"(?P<opaque>[\x21\x23-\x7e\x80-\xff]*)"\s*', re.ASCII)
_LONGEST: Final = 4096  # characters


class BadCondition(ParseError):
    default_code = "bad_condition"


@dataclass(frozen=True)
class Tags:
    """What a condition names: `*`, or a list of tags, without their quotes."""

    anything: bool
    strong: frozenset[str]
    weak: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        return self.strong | self.weak


@dataclass(frozen=True)
class Conditions:
    """The guard that a request asks for."""

    names: tuple[str, ...]
    match: Tags | None
    none_match: Tags | None

    def __call__(self, present: Any) -> None:
        edition = edition_of({name: getattr(present, name) for name in self.names})
        if self.match and not (self.match.anything or edition in _editions(self.match.strong)):
            raise PreconditionFailed("It was changed since: read it again, and change what you find.")
        if self.none_match and (self.none_match.anything or edition in _editions(self.none_match.all)):
            raise PreconditionFailed("It is there, as If-None-Match names it.")


def conditions_of(request: Request, view: APIView) -> Conditions:
    """What has to hold of the row before this request changes it. Raises `BadCondition`."""
    return Conditions(_names(view), _read(request, "If-Match"), _read(request, "If-None-Match"))


def refuse_unheeded(request: Request, view: APIView) -> None:
    """A condition that nothing here could judge fails: ignored, it would let through what the caller wants stopped."""
    asked = conditions_of(request, view)
    if request.method in {"GET", "HEAD"} or (_names(view) and getattr(view, "action", None) in GUARDED):
        return
    if asked.match or (asked.none_match and request.method != "POST"):
        raise PreconditionFailed("This address has no tag that a condition could name: leave If-Match out.")


def edition_of(values: Mapping[str, Any]) -> str:
    if tuple(values) == VERSIONED:
        return str(values["version"])
    return _digest(json.dumps(values, sort_keys=True, cls=JSONEncoder).encode())


def tag_of(view: APIView, response: Response, body: bytes) -> str:
    """The tag of what is answered, quotes and all; empty where it has none."""
    names, told = _names(view), response.data
    if not status.is_success(response.status_code) or response.headers.get("Cache-Control") == "no-store":
        return ""
    if names and getattr(view, "action", None) in TAGGED and isinstance(told, Mapping) and set(names) <= set(told):
        return f'"{edition_of({name: told[name] for name in names})}.{_digest(body)}"'
    return f'W/"{_digest(body)}"' if view.request.method in {"GET", "HEAD"} else ""


def answer_conditionally(response: Response, view: APIView) -> None:
    """Give a rendered answer its tag; of a GET whose caller has it already, nothing else remains (304)."""
    tag = tag_of(view, response, response.content)
    if not tag:
        return
    response.headers["ETag"] = tag
    if view.request.method not in {"GET", "HEAD"}:
        return
    response.headers.setdefault("Cache-Control", _REVALIDATED)
    known = _read(view.request, "If-None-Match")
    if known and (known.anything or tag.removeprefix("W/").strip('"') in known.all):
        response.status_code = status.HTTP_304_NOT_MODIFIED
        response.content = b""
        for name in ("Content-Type", "Content-Length"):
            response.headers.pop(name, None)


def give_current(refused: HttpResponseBase, view: Any, request: Request) -> None:
    """A failed condition is answered with the tag of what is there now, where the caller may see that."""
    if not hasattr(view, "retrieve") or getattr(view, "action", None) not in GUARDED:
        return
    view.action = "retrieve"
    with suppress(ObjectDoesNotExist):  # deleted meanwhile
        seen = view.finalize_response(request, view.retrieve(request, **view.kwargs))
        refused.headers["ETag"] = tag_of(view, seen, seen.rendered_content)


def _names(view: APIView) -> tuple[str, ...]:
    names: tuple[str, ...] = getattr(view, "edition", ())
    return names


def _read(request: Request, name: str) -> Tags | None:
    given: str | None = request.headers.get(name)
    if given is None:
        return None
    if given.strip() == "*":
        return Tags(anything=True, strong=frozenset())
    found = [_TAG.fullmatch(part) for part in _parts(given)] if len(given) <= _LONGEST else []
    tags = [tag for tag in found if tag]
    if not tags or len(tags) != len(found):
        raise BadCondition(
            f'{name} is `*`, or a list of tags in quotes as ETag gave them, such as "7.0f3a": send it so.'
        )
    return Tags(
        anything=False,
        strong=frozenset(tag["opaque"] for tag in tags if not tag["weak"]),
        weak=frozenset(tag["opaque"] for tag in tags if tag["weak"]),
    )


def _parts(given: str) -> list[str]:
    """The members of a list, whose separators may stand within quotes; empty ones do not count (RFC 9110, 5.6.1)."""
    parts = re.findall(r'(?:[^,"]|"[^"]*"?)+', given)
    return [part for part in parts if part.strip()]


def _editions(tags: frozenset[str]) -> set[str]:
    return {tag.partition(".")[0] for tag in tags}


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:16]
