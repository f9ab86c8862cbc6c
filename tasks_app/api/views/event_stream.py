"""`/events/stream`: events as they happen. Here the client is heard out; what it is told then is `api.event_stream`."""

import contextvars
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from tasks_app.api.authentication import agent_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.event_choice import AGGREGATE_SAID, TYPE_SAID, asked_choice
from tasks_app.api.event_stream import EventStream, reset
from tasks_app.api.permissions import has
from tasks_app.conf import conf
from tasks_app.events import finding, history
from tasks_app.events.choice import Choice
from tasks_app.events.seats import seats
from tasks_app.exceptions import Fault, InvalidRequest, OrdinautError
from tasks_app.models import Agent

HANDED_OVER: Final = "ordinaut.streams"  # in the ASGI scope: the list that takes the stream to be served
MEDIA_TYPE: Final = "text/event-stream"
_SCOPE: Final = "events:read"
_LARGEST: Final = 2**63 - 1


class NoStreamsHere(APIException):
    status_code = status.HTTP_501_NOT_IMPLEMENTED
    default_code = "no_streams_here"
    default_detail = "Streams need an ASGI server: start the web process with uvicorn."


class EventStreamRenderer(JSONRenderer):
    """Lets a client ask for a stream; what is rendered are refusals, which are JSON."""

    media_type = MEDIA_TYPE
    format = "event-stream"


class EventStreamViewSet(Endpoint, viewsets.ViewSet):
    renderer_classes = (JSONRenderer, EventStreamRenderer)
    scopes = {"stream": _SCOPE}
    takes = {"stream": ("type", "aggregate", "last_event_id")}
    repeatable = ("type",)

    @extend_schema(
        operation_id="events_stream",
        description=(
            "Events as they happen, as Server-Sent Events. `id` is the event's `pos`, `event` its type, `data` the "
            "event as `/events` shows it. `reset`: events were missed for good. `end`: the stream ends, and why."
        ),
        parameters=[
            OpenApiParameter("type", OpenApiTypes.STR, many=True, description=TYPE_SAID),
            OpenApiParameter("aggregate", OpenApiTypes.STR, description=AGGREGATE_SAID),
            OpenApiParameter("last_event_id", OpenApiTypes.STR, description="The same as the header Last-Event-ID."),
            OpenApiParameter(
                "Last-Event-ID",
                OpenApiTypes.STR,
                location=OpenApiParameter.HEADER,
                description="The pos or the id of the last event that was read: what came behind it comes first.",
            ),
        ],
        responses={(200, MEDIA_TYPE): OpenApiTypes.STR},
    )
    def stream(self, request: Request) -> Response | StreamingHttpResponse:
        agent = agent_of(request)
        choice = asked_choice(request)
        last_id = request.headers.get("Last-Event-ID") or request.query_params.get("last_event_id", "")
        pos, first_words = _position(last_id, choice)
        handed_over: list[EventStream] | None = getattr(request, "scope", {}).get(HANDED_OVER)
        if handed_over is None:
            raise NoStreamsHere
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        answer = StreamingHttpResponse(_nothing(), content_type=f"{MEDIA_TYPE}; charset=utf-8", headers=headers)
        if request.method == "HEAD":
            return answer  # it has no body that could go on
        seats.take(agent.pk, per_agent=conf().streams_per_agent, in_total=conf().streams)
        handed_over.append(
            EventStream(
                choice=choice,
                pos=pos,
                agent=agent,
                still_allowed=_still_allowed(request),
                give_back=partial(seats.give_back, agent.pk),
                first_words=first_words,
            )
        )
        return answer


def _position(last_id: str, choice: Choice) -> tuple[int, bytes]:
    """Where the stream begins, and what its client is to be told before."""
    newest = history.kept().newest
    if not last_id:
        return newest, b""
    pos = _pos_of(last_id, choice)
    if pos is None or pos > newest:
        return newest, reset("unknown", asked=last_id[:100], pos=newest)
    return pos, b""


def _pos_of(last_id: str, choice: Choice) -> int | None:
    if last_id.isascii() and last_id.isdecimal() and len(last_id) <= 19:
        return min(int(last_id), _LARGEST)
    try:
        wanted = UUID(last_id)
    except ValueError:
        cure = "Give the pos or the id of an event, as it was read."
        raise InvalidRequest(Fault("/last_event_id", cure)) from None
    return finding.pos_of(wanted, seen_by=choice.agent)


def _still_allowed(request: Request) -> Callable[[], Agent | None]:
    """Asks again what the request was asked at first: whose token it is, and what that agent may do by now."""
    authenticator = request.successful_authenticator
    assert authenticator is not None

    def ask() -> Agent | None:
        try:
            proven: Any = contextvars.copy_context().run(authenticator.authenticate, request)
        except (APIException, OrdinautError):
            return None
        if proven is None or not has(proven[0], _SCOPE):
            return None
        agent: Agent = proven[0]
        return agent

    return ask


async def _nothing() -> AsyncIterator[bytes]:
    """What follows the headers is told once the request's thread and connection are free."""
    pieces: tuple[bytes, ...] = ()
    for piece in pieces:
        yield piece
