"""Lists in pages: a page goes on after the last row of the one before (a keyset), so depth costs nothing."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final

from django.core.exceptions import ValidationError as BadValue
from django.db import models
from django.db.models import F, Q
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from schedules.topics import InvalidTopic, check_pattern

MOST: Final = 200
USUAL: Final = 50
PARAMETERS: Final = frozenset({"limit", "cursor"})


class KeysetPagination(BasePagination):
    """Rows are `.values()` that hold the ordering's column and `id`; `view.orderings` are the columns allowed, and
    `view.usual_ordering` is the one that nobody has to ask for.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        ordering = _ordering(request, view)
        limit = asked_limit(request)
        rows = list(_after(queryset, ordering, request).order_by(*_order(ordering, queryset))[: limit + 1])
        self._next = None
        if len(rows) > limit:
            rows = rows[:limit]
            cursor = _encoded(ordering, rows[-1])
            self._next = replace_query_param(request.build_absolute_uri(), "cursor", cursor)
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"items": data, "next": self._next})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["items", "next"],
            "properties": {
                "items": schema | {"description": "The rows of this page."},
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "The address of the next page; null on the last one.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
        parameters = [
            _parameter("limit", limit, "How many rows a page has at most."),
            _parameter("cursor", {"type": "string"}, "Where the page begins: as in the `next` of the page before."),
        ]
        if orderings := getattr(view, "orderings", ()):
            choices = [sign + name for name in orderings for sign in ("", "-")]
            schema = {"type": "string", "enum": choices, "default": _usual(view)}
            parameters.append(
                _parameter("ordering", schema, "What rows are ordered by, with - before it for the reverse.")
            )
        return parameters


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


class TopicPagination(KeysetPagination):
    """Rows that hold a `topic`, each another one, in the order of these."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        limit = asked_limit(request)
        rows = list(queryset.filter(topic__gt=_topic(request)).order_by("topic")[: limit + 1])
        self._next = None
        if len(rows) > limit:
            rows = rows[:limit]
            self._next = replace_query_param(request.build_absolute_uri(), "cursor", rows[-1]["topic"])
        return rows


class AddressPagination(KeysetPagination):
    """Rows that hold an `address`, each another one, in the order of these; `view.beside()` are more of them."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        limit, cursor = asked_limit(request), request.query_params.get("cursor", "")
        more = [row for row in getattr(view, "beside", list)() if row["address"] > cursor]
        found = queryset.filter(address__gt=cursor).order_by("address")[: limit + 1]
        rows = sorted([*more, *found], key=itemgetter("address"))
        self._next = None
        if len(rows) > limit:
            rows = rows[:limit]
            self._next = replace_query_param(request.build_absolute_uri(), "cursor", rows[-1]["address"])
        return rows


def _topic(request: Request) -> str:
    cursor: str = request.query_params.get("cursor", "")
    try:
        if cursor:
            check_pattern(cursor)
    except InvalidTopic as error:
        raise ValidationError(BAD_CURSOR) from error
    return cursor


def _usual(view: APIView | None) -> str:
    usual: str = getattr(view, "usual_ordering", "-id")
    return usual


def _ordering(request: Request, view: APIView | None) -> str:
    wanted, allowed = request.query_params.get("ordering", _usual(view)), getattr(view, "orderings", ())
    if wanted != _usual(view) and wanted.removeprefix("-") not in allowed:
        raise ValidationError({"ordering": f"Use one of {', '.join(allowed)}, with - before it for the reverse."})
    return wanted


def asked_limit(request: Request) -> int:
    wanted = request.query_params.get("limit", str(USUAL))
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= 3 and 1 <= int(wanted) <= MOST):
        raise ValidationError({"limit": f"Give a number from 1 to {MOST}."})
    return int(wanted)


def _order(ordering: str, queryset: models.QuerySet[Any]) -> list[Any]:
    """Ties are broken by `id`, in the same direction; what may be empty comes last either way."""
    name, descending = ordering.removeprefix("-"), ordering.startswith("-")
    identity = F("id").desc() if descending else F("id").asc()
    if name == "id":
        return [identity]
    # A column that is never empty keeps the order of its index.
    last = True if queryset.model._meta.get_field(name).null else None  # noqa: SLF001 - Django documents it
    return [F(name).desc(nulls_last=last) if descending else F(name).asc(nulls_last=last), identity]


def _after(queryset: models.QuerySet[Any], ordering: str, request: Request) -> models.QuerySet[Any]:
    cursor = request.query_params.get("cursor")
    if cursor is None:
        return queryset
    name = ordering.removeprefix("-")
    meta = queryset.model._meta  # noqa: SLF001 - Django documents it
    value, identity = _decoded(cursor, ordering, meta.get_field(name), meta.get_field("id"))
    beyond = "lt" if ordering.startswith("-") else "gt"
    later_tie = Q(**{f"id__{beyond}": identity})
    if name == "id":
        return queryset.filter(later_tie)
    if value is None:
        return queryset.filter(later_tie, **{f"{name}__isnull": True})
    return queryset.filter(
        Q(**{f"{name}__{beyond}": value}) | Q(**{name: value}) & later_tie | Q(**{f"{name}__isnull": True})
    )


def _encoded(ordering: str, row: dict[str, Any]) -> str:
    value = row[ordering.removeprefix("-")]
    shown = value.isoformat() if isinstance(value, datetime) else value
    return urlsafe_b64encode(json.dumps([ordering, str(row["id"]), shown], default=str).encode()).decode()


def _decoded(cursor: str, ordering: str, field: Any, key: Any) -> tuple[Any, Any]:
    try:
        made_for, identity, shown = json.loads(urlsafe_b64decode(cursor.encode("ascii")))
        value = _storable(field.to_python(shown))
        found = value, key.to_python(str(identity))
    except (ValueError, TypeError, OverflowError, RecursionError, BadValue) as error:
        raise ValidationError(BAD_CURSOR) from error
    if made_for != ordering:
        raise ValidationError(BAD_CURSOR)
    return found


def _storable(value: Any) -> Any:
    """The value, if Postgres could hold it. Raises `ValueError` or `OverflowError`."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, str) and "\0" in value.encode().decode():  # a lone surrogate has no UTF-8
        raise ValueError("a text with NUL")
    return value


BAD_CURSOR: Final = {"cursor": "Use a `next` as it was given, with the same ordering."}
