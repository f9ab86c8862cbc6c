"""`/webhooks`: where an agent is sent its events, and what became of each."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tasks_app.api.authentication import actor_of, agent_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.filters import AnyOf, StrictFilterBackend, WebhookFilters
from tasks_app.api.owners import owner_named
from tasks_app.api.paging import KeysetPagination
from tasks_app.api.serializers.webhook import (
    DELIVERY_ROW,
    WEBHOOK_ROW,
    DeliverySerializer,
    MadeWebhookSerializer,
    NewWebhookSerializer,
    WebhookChangeSerializer,
    WebhookRotationSerializer,
    WebhookSecretSerializer,
    WebhookSerializer,
)
from tasks_app.api.tags import conditions_of
from tasks_app.models import Webhook, WebhookDelivery
from tasks_app.models.webhook import WebhookQuerySet
from tasks_app.services import webhooks
from tasks_app.states import DeliveryState

_SCOPE = "events:read"


class WebhookViewSet(Endpoint, viewsets.GenericViewSet[Webhook]):
    takes_nothing = Endpoint.takes_nothing - {"rotate"}
    queryset = Webhook.objects.none()
    serializer_class = WebhookSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = WebhookFilters
    pagination_class = KeysetPagination
    lookup_value_converter = "uuid"
    edition = ("url", "event_types", "active")
    scopes = dict.fromkeys(("list", "create", "retrieve", "partial_update", "destroy", "rotate"), _SCOPE)
    outliving = frozenset({"create", "partial_update", "rotate"})

    def get_queryset(self) -> WebhookQuerySet:
        return Webhook.objects.owned_by(agent_of(self.request))

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(WEBHOOK_ROW.read(self.get_queryset())))
        return self.get_paginated_response(page)

    @sensitive_variables()
    @extend_schema(request=NewWebhookSerializer, responses={201: MadeWebhookSerializer})
    def create(self, request: Request) -> Response:
        sent = NewWebhookSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        fields: dict[str, Any] = dict(sent.validated_data)
        owner = owner_named(fields.pop("agent_id", None), caller=agent_of(request))
        webhook, secret = webhooks.create_webhook(owner, actor=actor_of(request), **fields)
        location = request.build_absolute_uri(f"{request.path}/{webhook.pk}")
        headers = {"Location": location, "Cache-Control": "no-store"}
        made = self._row(webhook.pk) | {"secret": secret}
        return Response(made, status=status.HTTP_201_CREATED, headers=headers)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self._row(pk))

    @extend_schema(request=WebhookChangeSerializer, responses=WebhookSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        webhook = self.get_queryset().get(pk=pk)
        sent = WebhookChangeSerializer(webhook, data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        guard = conditions_of(request, self)
        webhooks.update_webhook(webhook, actor=actor_of(request), changes=sent.validated_data, guard=guard)
        return self.retrieve(request, pk)

    def destroy(self, request: Request, pk: UUID) -> Response:
        guard = conditions_of(request, self)
        webhooks.delete_webhook(self.get_queryset().get(pk=pk), actor=actor_of(request), guard=guard)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @sensitive_variables()
    @extend_schema(request=WebhookRotationSerializer, responses=WebhookSecretSerializer)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: UUID) -> Response:
        sent = WebhookRotationSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        overlap = timedelta(seconds=sent.validated_data["overlap_seconds"])
        secret = webhooks.rotate_secret(self.get_queryset().get(pk=pk), overlap=overlap, actor=actor_of(request))
        return Response({"secret": secret}, headers={"Cache-Control": "no-store"})

    def _row(self, pk: UUID) -> dict[str, Any]:
        return WEBHOOK_ROW.read(self.get_queryset()).get(pk=pk)


class DeliveryFilters(FilterSet):  # type: ignore[misc]
    state = AnyOf(choices=DeliveryState.choices, help_text="Deliveries in one of these states.")

    class Meta:
        model = WebhookDelivery
        fields: list[str] = []


class DeliveryViewSet(Endpoint, viewsets.GenericViewSet[WebhookDelivery]):
    queryset = WebhookDelivery.objects.none()
    serializer_class = DeliverySerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = DeliveryFilters
    pagination_class = KeysetPagination
    orderings = ("pos",)
    usual_ordering = "-pos"
    scopes = dict.fromkeys(("list", "replay"), _SCOPE)
    outliving = frozenset({"replay"})

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        caller = agent_of(self.request)
        found = Webhook.objects.owned_by(caller).get(pk=self.kwargs["webhook"])
        return WebhookDelivery.objects.owned_by(caller).filter(webhook=found)

    def list(self, request: Request, webhook: UUID) -> Response:
        page = self.paginate_queryset(DELIVERY_ROW.read(self.filter_queryset(self.get_queryset())))
        return self.get_paginated_response(page)

    @extend_schema(request=None, responses={202: DeliverySerializer})
    def replay(self, request: Request, webhook: UUID, pk: UUID) -> Response:
        delivery = self.get_queryset().select_related("webhook").get(pk=pk)
        webhooks.ask_replay(delivery, actor=actor_of(request))
        return Response(DELIVERY_ROW.read(self.get_queryset()).get(pk=pk), status=status.HTTP_202_ACCEPTED)
