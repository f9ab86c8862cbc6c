"""`/tools`: what steps can use, and the tools that people bring."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

import pipelines
from tasks_app import catalogue
from tasks_app.api.authentication import actor_of, agent_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.errors import flattened
from tasks_app.api.filters import StrictFilterBackend, ToolFilters
from tasks_app.api.paging import AddressPagination
from tasks_app.api.serializers.tool import (
    BUILT_IN,
    SUMMARY,
    VERSION_ROW,
    ApprovalSerializer,
    DiscoveredSerializer,
    DiscoverySerializer,
    ImportedSerializer,
    ImportOptionsSerializer,
    ImportSerializer,
    NumbersSerializer,
    ToolChangeSerializer,
    ToolSerializer,
    ToolSummarySerializer,
    ToolVersionsSerializer,
    answer,
    answer_built_in,
    answer_numbers,
    answer_offered,
    as_sent,
    sent_tool,
)
from tasks_app.api.tags import conditions_of
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Tool, ToolVersion
from tasks_app.models.clock import database_now
from tasks_app.services import discovery, tool_import, tools
from tasks_app.services.tool_import import Imported, Wanted
from tasks_app.services.tool_numbers import numbers_of
from tasks_app.states import ToolApproval


class ToolViewSet(Endpoint, viewsets.GenericViewSet[Tool]):
    queryset = Tool.objects.none()
    serializer_class = ToolSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = ToolFilters
    pagination_class = AddressPagination
    lookup_field = "address"
    lookup_value_converter = "str"
    edition = ("version", "enabled")
    scopes = {
        "list": "tools:read",
        "create": "tools:write",
        "retrieve": "tools:read",
        "update": "tools:write",
        "partial_update": "tools:write",
        "destroy": "tools:write",
        "versions": "tools:read",
        "stats": "tools:read",
        "approve": "tools:write",
        "import_": "tools:write",
        "discover": "tools:write",
    }

    def get_queryset(self) -> QuerySet[Tool]:
        return Tool.objects.all()

    @extend_schema(responses=ToolSummarySerializer(many=True))
    def list(self, request: Request) -> Response:
        found = self.filter_queryset(self.get_queryset())
        page: Any = self.paginate_queryset(found.values(*SUMMARY))
        return self.get_paginated_response([{"built_in": False} | row for row in page])

    def beside(self) -> Iterator[dict[str, Any]]:
        """The built-in tools that the filters let through."""
        return (answer_built_in(tool, whole=False) for tool in catalogue.builtin() if self._is_wanted(tool))

    def create(self, request: Request) -> Response:
        fields = sent_tool(request.data)
        with _places_of(request.data):
            tool = tools.create_tool(actor=actor_of(request), **fields)
        location = request.build_absolute_uri(f"{request.path}/{tool.address}")
        return Response(self._answer(tool.address), status=status.HTTP_201_CREATED, headers={"Location": location})

    def retrieve(self, request: Request, address: str) -> Response:
        return Response(self._answer(address))

    @extend_schema(request=ToolChangeSerializer, responses=ToolSerializer)
    def update(self, request: Request, address: str) -> Response:
        return self._change(request, address, partial=False)

    @extend_schema(request=ToolChangeSerializer, responses=ToolSerializer)
    def partial_update(self, request: Request, address: str) -> Response:
        return self._change(request, address, partial=True)

    def destroy(self, request: Request, address: str) -> Response:
        tools.delete_tool(address, actor=actor_of(request), guard=conditions_of(request, self))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=ToolVersionsSerializer)
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def versions(self, request: Request, address: str) -> Response:
        """Its newest hundred versions, the newest first."""
        if address in catalogue.builtin():
            return Response({"items": []})
        tool = Tool.objects.get(address=address)
        rows = VERSION_ROW.read(ToolVersion.objects.filter(tool=tool)).order_by("-version")
        return Response({"items": list(rows[:100])})

    @extend_schema(responses=NumbersSerializer)
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def stats(self, request: Request, address: str) -> Response:
        """Its calls of the last minute, and the breakers before its destinations."""
        now = database_now()
        return Response(answer_numbers(numbers_of(address, agent=agent_of(request), now=now), now=now))

    @extend_schema(request=ApprovalSerializer, responses=ToolSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, address: str) -> Response:
        sent = ApprovalSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        tools.approve_tool(address, actor=actor_of(request), version=sent.validated_data.get("version"))
        return Response(self._answer(address))

    @extend_schema(request=ImportSerializer, responses=ImportedSerializer)
    @action(detail=False, methods=["post"], url_path="import")
    def import_(self, request: Request) -> Response:
        entries, options, base = _import_of(request.data)
        wanted, wrong = _wanted(entries, base)
        if wrong and not options.get("partial"):
            raise InvalidRequest(*wrong)
        with _places_of(request.data):
            done = tool_import.import_tools(wanted, actor=actor_of(request), **options)
        return Response(_told(done, wrong, request.data))

    @extend_schema(request=DiscoverySerializer, responses=DiscoveredSerializer)
    @action(detail=False, methods=["post"])
    def discover(self, request: Request) -> Response:
        sent = DiscoverySerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asked, actor = sent.validated_data, actor_of(request)
        settings = {name: asked[name] for name in ("endpoint", "headers", "server") if name in asked}
        transport = "mcp-stdio" if "server" in asked else "mcp-http"
        imported = None
        with _places_of(request.data):
            found = discovery.offered(transport, settings, namespace=asked["namespace"], actor=actor)
            if names := asked.get("import"):
                options = {name: asked[name] for name in ("replace", "partial")}
                imported = _told(discovery.import_offered(names, found, actor=actor, **options), [], None)
        return Response({"tools": [answer_offered(each) for each in found], "imported": imported})

    def _is_wanted(self, tool: pipelines.Tool) -> bool:
        asked = self.request.query_params
        words = asked.get("search", "").lower()
        return (
            BUILT_IN in (asked.getlist("transport") or [BUILT_IN])
            and asked.get("enabled") != "false"
            and ToolApproval.APPROVED in (asked.getlist("approval") or [ToolApproval.APPROVED])
            and (words in tool.address or words in tool.description.lower())
        )

    def _change(self, request: Request, address: str, *, partial: bool) -> Response:
        tool = tools.present(address)
        changes = sent_tool(request.data, change=tool, partial=partial)
        with _places_of(request.data):
            tools.update_tool(address, actor=actor_of(request), changes=changes, guard=conditions_of(request, self))
        return Response(self._answer(address))

    def _answer(self, address: str) -> dict[str, Any]:
        known = catalogue.builtin()
        if address in known:
            return answer_built_in(known.get(address))
        return answer(Tool.objects.get(address=address))


@contextmanager
def _places_of(sent: Any) -> Iterator[None]:
    """Refusals name the places of what was sent, where settings may stand beside an entry's address."""
    try:
        yield
    except InvalidRequest as refusal:
        raise InvalidRequest(
            *(Fault(as_sent(fault.pointer, sent), fault.message) for fault in refusal.faults)
        ) from None


def _import_of(sent: Any) -> tuple[Sequence[Any], dict[str, bool], str]:
    """The entries, how to import them, and the pointer to the list that they are in."""
    if isinstance(sent, list):
        return sent, {}, ""
    entries = sent.get("tools") if isinstance(sent, Mapping) else None
    if not isinstance(entries, list):
        raise ValidationError({"tools": "Send a list of entries."})
    options = ImportOptionsSerializer(data={name: value for name, value in sent.items() if name != "tools"})
    options.is_valid(raise_exception=True)
    return entries, options.validated_data, "/tools"


def _wanted(entries: Sequence[Any], base: str) -> tuple[list[Wanted], list[Fault]]:
    tool_import.refuse_too_many(entries)
    wanted: list[Wanted] = []
    wrong: list[Fault] = []
    for position, entry in enumerate(entries):
        place = f"{base}/{position}"
        try:
            wanted.append(Wanted(place=place, fields=sent_tool(entry)))
        except ValidationError as error:
            wrong.extend(flattened(error.detail, place))
    return wanted, wrong


def _with_more(fault: Fault) -> str:
    return f"{fault.message} {fault.more} more are like it." if fault.more else fault.message


def _told(done: Imported, wrong: Sequence[Fault], sent: Any) -> dict[str, Any]:
    refused = [
        {"pointer": as_sent(fault.pointer, sent), "message": _with_more(fault)} for fault in (*wrong, *done.refused)
    ]
    return {"created": done.created, "updated": done.updated, "unchanged": done.unchanged, "refused": refused}
