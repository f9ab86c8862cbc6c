"""`/hooks`: the addresses at which other programs' webhooks come in."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tasks_app.api.authentication import actor_of, agent_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.filters import HookFilters, StrictFilterBackend
from tasks_app.api.owners import owner_named
from tasks_app.api.paging import KeysetPagination
from tasks_app.api.serializers.hook import (
    HOOK_ROW,
    HookAddressSerializer,
    HookChangeSerializer,
    HookSerializer,
    MadeHookSerializer,
    NewHookSerializer,
)
from tasks_app.api.tags import conditions_of
from tasks_app.models import Hook
from tasks_app.models.hook import HookQuerySet
from tasks_app.services import hooks
from tasks_app.services.signing import USUAL_OVERLAP

_SCOPE = "events:publish"
_EDITION = ("name", "topic", "preset", "signature_header", "timestamp_header", "delivery_header", "active")


class HookViewSet(Endpoint, viewsets.GenericViewSet[Hook]):
    queryset = Hook.objects.none()
    serializer_class = HookSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = HookFilters
    pagination_class = KeysetPagination
    orderings = ("id", "name", "created_at")
    lookup_value_converter = "uuid"
    edition = _EDITION
    scopes = dict.fromkeys(("list", "create", "retrieve", "partial_update", "destroy", "rotate"), _SCOPE)
    outliving = frozenset({"create", "partial_update", "rotate"})

    def get_queryset(self) -> HookQuerySet:
        return Hook.objects.owned_by(agent_of(self.request))

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(HOOK_ROW.read(self.get_queryset())))
        return self.get_paginated_response(page)

    @sensitive_variables()
    @extend_schema(request=NewHookSerializer, responses={201: MadeHookSerializer})
    def create(self, request: Request) -> Response:
        sent = NewHookSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        fields: dict[str, Any] = dict(sent.validated_data)
        owner = owner_named(fields.pop("agent_id", None), caller=agent_of(request))
        hook, token, secret = hooks.create_hook(owner, actor=actor_of(request), **fields)
        made = self._row(hook.pk) | _address(request, token) | {"secret": secret}
        location = request.build_absolute_uri(f"{request.path}/{hook.pk}")
        headers = {"Location": location, "Cache-Control": "no-store"}
        return Response(made, status=status.HTTP_201_CREATED, headers=headers)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self._row(pk))

    @sensitive_variables()
    @extend_schema(request=HookChangeSerializer, responses=HookSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        hook = self.get_queryset().get(pk=pk)
        sent = HookChangeSerializer(hook, data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        changes = dict(sent.validated_data)
        overlap = timedelta(seconds=changes.pop("overlap_seconds", USUAL_OVERLAP.total_seconds()))
        guard = conditions_of(request, self)
        hooks.update_hook(hook, actor=actor_of(request), changes=changes, overlap=overlap, guard=guard)
        return self.retrieve(request, pk)

    def destroy(self, request: Request, pk: UUID) -> Response:
        guard = conditions_of(request, self)
        hooks.delete_hook(self.get_queryset().get(pk=pk), actor=actor_of(request), guard=guard)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=HookAddressSerializer)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: UUID) -> Response:
        token = hooks.rotate_token(self.get_queryset().get(pk=pk), actor=actor_of(request))
        return Response(_address(request, token), headers={"Cache-Control": "no-store"})

    def _row(self, pk: UUID) -> dict[str, Any]:
        return HOOK_ROW.read(self.get_queryset()).get(pk=pk)


def _address(request: Request, token: str) -> dict[str, str]:
    return {"url": request.build_absolute_uri(f"/hooks/{token}"), "token": token}
