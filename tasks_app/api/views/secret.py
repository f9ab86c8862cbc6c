"""`/secrets`: what tools send to their hosts. They are put and deleted; nobody reads them back."""

from typing import Any, Final

from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from tasks_app.api.authentication import actor_of, agent_of
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.filters import StrictFilterBackend
from tasks_app.api.paging import KeysetPagination
from tasks_app.api.serializers.secret import SecretSerializer, answer
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Agent, Secret
from tasks_app.models.secret import SecretQuerySet
from tasks_app.services import secrets

_SHOWN: Final = ("id", "name", "hosts", "owner", "key_id", "created_at", "rotated_at")


class SecretViewSet(Endpoint, viewsets.GenericViewSet[Secret]):
    """An agent sees its own and everybody's, and changes its own; an admin sees and changes all."""

    queryset = Secret.objects.none()
    serializer_class = SecretSerializer
    filter_backends = (StrictFilterBackend,)
    pagination_class = KeysetPagination
    lookup_field = "name"
    lookup_value_converter = "str"
    scopes = {"list": "tools:read", "retrieve": "tools:read", "update": "tools:write", "destroy": "tools:write"}

    def get_queryset(self) -> SecretQuerySet:
        return Secret.objects.seen_by(agent_of(self.request))

    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()).values(*_SHOWN))
        return self.get_paginated_response([{name: row[name] for name in _SHOWN[1:]} for row in page])

    def retrieve(self, request: Request, name: str) -> Response:
        return Response(answer(self._meant(name)))

    @sensitive_variables()
    @extend_schema(responses={200: SecretSerializer, 201: SecretSerializer})
    def update(self, request: Request, name: str) -> Response:
        sent = SecretSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        fields = sent.validated_data
        secret, is_new = secrets.put_secret(
            name,
            value=fields["value"],
            hosts=fields.get("hosts"),
            owner=_owner(fields, caller=agent_of(request)),
            actor=actor_of(request),
        )
        return Response(answer(secret), status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    @extend_schema(request=None)
    def destroy(self, request: Request, name: str) -> Response:
        secret, caller = self._meant(name), agent_of(request)
        if not caller.is_admin and secret.owner_id != caller.pk:
            raise PermissionDenied("The secret is everybody's: an admin deletes it.")
        secrets.delete_secret(secret, actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _meant(self, name: str) -> Secret:
        """What the caller means with a name, as its runs would: its own goes before everybody's, and these before others'."""
        caller = agent_of(self.request).pk
        found = self.get_queryset().filter(name=name).order_by("id")
        return (
            min(found, key=lambda each: (each.owner_id != caller, each.owner_id is not None), default=None) or _none()
        )


def _none() -> Secret:
    raise Secret.DoesNotExist


def _owner(fields: dict[str, Any], *, caller: Agent) -> Agent | None:
    named = fields.get("owner", caller.pk)
    if named == caller.pk:
        return caller
    if not caller.is_admin:
        raise PermissionDenied("Only an admin keeps secrets for everybody or another agent: leave `owner` out.")
    owner = Agent.objects.filter(pk=named).first()
    if named and owner is None:
        raise InvalidRequest(Fault("/owner", "There is no such agent."))
    return owner
