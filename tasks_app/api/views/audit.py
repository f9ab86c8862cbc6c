"""`/audit`: who changed what or was refused, for administrators."""

import dataclasses
from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from tasks_app.api.endpoint import Endpoint
from tasks_app.api.filters import AuditFilters, StrictFilterBackend
from tasks_app.api.paging import KeysetPagination
from tasks_app.api.permissions import ADMIN
from tasks_app.api.renderers import CsvRenderer
from tasks_app.api.serializers.audit import ENTRY_ROW, AuditEntrySerializer, VerdictSerializer
from tasks_app.models import AuditEntry
from tasks_app.services import audit_chain

MOST_EXPORTED: Final = 10_000
_HEAD: Final = OpenApiParameter(
    "head", str, description="A head that was noted earlier, and must still be in the chain."
)


class AuditViewSet(Endpoint, viewsets.GenericViewSet[AuditEntry]):
    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = AuditFilters
    pagination_class = KeysetPagination
    csv_columns = ENTRY_ROW.plain
    lists = frozenset({"list", "export"})
    takes = {"verify": ("head",)}
    scopes = {"list": ADMIN, "export": ADMIN, "verify": ADMIN}

    def list(self, request: Request) -> Response:
        found = self.filter_queryset(self.get_queryset())
        return self.get_paginated_response(self.paginate_queryset(ENTRY_ROW.read(found)))

    @extend_schema(
        filters=True,
        responses={(200, "application/json"): AuditEntrySerializer(many=True), (200, "text/csv"): OpenApiTypes.STR},
    )
    @action(detail=False, methods=["get"], renderer_classes=(CsvRenderer, JSONRenderer), pagination_class=None)
    def export(self, request: Request) -> Response:
        """The newest 10,000 entries, as CSV or JSON; a `Link` header leads to the next ones (RFC 8288)."""
        found = self.filter_queryset(self.get_queryset()).order_by("-id")
        rows: list[dict[str, Any]] = list(ENTRY_ROW.read(found)[: MOST_EXPORTED + 1])
        headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
        if len(rows) > MOST_EXPORTED:
            rows = rows[:MOST_EXPORTED]
            following = replace_query_param(request.build_absolute_uri(), "below", rows[-1]["id"])
            headers["Link"] = f'<{following}>; rel="next"'
        return Response(rows, headers=headers)

    @extend_schema(responses=VerdictSerializer, parameters=[_HEAD], filters=False)
    @action(detail=False, methods=["get"], filterset_class=None, pagination_class=None)
    def verify(self, request: Request) -> Response:
        verdict = audit_chain.verify(noted_head=request.query_params.get("head"))
        return Response(dataclasses.asdict(verdict) | {"intact": verdict.intact})
