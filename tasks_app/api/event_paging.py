"""Events in pages, the newest first. Several may share one row, so a page ends at an event, not at a row."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from tasks_app.api.paging import BAD_CURSOR, KeysetPagination, asked_limit
from tasks_app.events.choice import Choice
from tasks_app.models.outbox_entry import OutboxEntryQuerySet

_LARGEST: Final = 2**63 - 1


class EventPagination(KeysetPagination):
    """Pages of `Event`, from a queryset of entries: those that the `choice` of the view takes."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        limit, before = asked_limit(request), _cursor(request)
        choice: Choice = getattr(view, "choice")  # noqa: B009 - of a view of events alone
        entries: OutboxEntryQuerySet = queryset.filter(id__lte=before[0]).order_by("-id")
        found = [
            ((entry.pk, nth), event)
            for entry in entries[: limit + 2]  # the first may have been shown already, one more tells of a next page
            for nth, event in reversed(list(enumerate(entry.events())))
            if (entry.pk, nth) < before and choice.takes(event)
        ]
        self._next = None
        if len(found) > limit:
            found = found[:limit]
            cursor = urlsafe_b64encode(json.dumps(found[-1][0]).encode()).decode()
            self._next = replace_query_param(request.build_absolute_uri(), "cursor", cursor)
        return [event for _, event in found]


def _cursor(request: Request) -> tuple[int, int]:
    """Row and place in it of the event that the page before ended with."""
    cursor = request.query_params.get("cursor")
    if cursor is None:
        return _LARGEST, 0
    try:
        decoded: Any = json.loads(urlsafe_b64decode(cursor.encode("ascii")))
        row, nth = decoded
    except (ValueError, TypeError, RecursionError) as error:
        raise ValidationError(BAD_CURSOR) from error
    if not (type(row) is int and type(nth) is int and 0 <= row <= _LARGEST):
        raise ValidationError(BAD_CURSOR)
    return row, nth
