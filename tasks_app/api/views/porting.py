"""`/tasks/export`, `/import`, `/plan` and `/apply`: an owner's tasks as one document."""

from typing import Any, Final, cast

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from tasks_app.api.authentication import actor_of, agent_of
from tasks_app.api.documents import (
    JSON,
    YAML,
    JSONDocumentParser,
    JSONDocumentRenderer,
    YAMLByAnyName,
    YAMLDocumentParser,
    YAMLDocumentRenderer,
)
from tasks_app.api.endpoint import Endpoint
from tasks_app.api.filters import StrictFilterBackend, TaskFilters
from tasks_app.api.owners import owner_named
from tasks_app.api.serializers.porting import (
    ApplyQuery,
    DocumentSerializer,
    PlanQuery,
    PlanSerializer,
    PortingQuery,
)
from tasks_app.models import Task
from tasks_app.models.task import TaskQuerySet
from tasks_app.services.porting import carrying_out, leaving
from tasks_app.services.porting.forms import Form
from tasks_app.services.porting.shape import STATUSES, Document, document_in
from tasks_app.states import TaskStatus

_YES_OR_NO: Final = [("true", "true"), ("false", "false")]
_READ: Final = "read the tasks of"
_CHANGE: Final = "make or change the tasks of"
_GONE: Final = sorted(str(each) for each in TaskStatus if each not in STATUSES)


class ExportFilters(TaskFilters):
    format = django_filters.ChoiceFilter(
        choices=[(str(form), str(form)) for form in Form],
        method="said",
        help_text="The form of the document, instead of what the header Accept says.",
    )
    ids = django_filters.ChoiceFilter(
        choices=_YES_OR_NO, method="said", help_text="Whether each task says its id: true or false. Default: false."
    )

    def said(self, tasks: TaskQuerySet, _name: str, _value: str) -> TaskQuerySet:
        """It says how, not which."""
        return tasks


class ExportViewSet(Endpoint, viewsets.GenericViewSet[Task]):
    queryset = Task.objects.none()
    serializer_class = DocumentSerializer
    content_negotiation_class = YAMLByAnyName
    renderer_classes: tuple[type[BaseRenderer], ...] = (JSONDocumentRenderer, YAMLDocumentRenderer)
    filter_backends = (StrictFilterBackend,)
    filterset_class = ExportFilters
    pagination_class = None
    lists = frozenset({"export"})
    scopes = {"export": "tasks:read"}

    def get_queryset(self) -> TaskQuerySet:
        return Task.objects.owned_by(agent_of(self.request))

    @extend_schema(
        operation_id="tasks_export", filters=True, responses={(200, JSON): DocumentSerializer, (200, YAML): str}
    )
    def export(self, request: Request) -> Response:
        """Active and paused tasks of one owner, at most 1,000 and 1 MiB, as a document that can be imported and applied."""
        chosen = cast("TaskQuerySet", self.filter_queryset(self.get_queryset()))
        asked = request.query_params
        _refuse_meaningless(request)
        named = _query(PortingQuery, request, only="created_by").get("created_by")
        owner = owner_named(named, caller=agent_of(request), to=_READ)
        accepted: Any = request.accepted_renderer
        form = Form(asked.get("format") or accepted.format)
        text = leaving.exported(owner, chosen, form=form, with_ids=asked.get("ids") == "true")
        headers = {"Content-Disposition": f'attachment; filename="tasks.{form}"', "Vary": "Accept"}
        return Response(text, content_type=YAML if form is Form.YAML else JSON, headers=headers)


class PortingViewSet(Endpoint, viewsets.ViewSet):
    content_negotiation_class = YAMLByAnyName
    parser_classes: tuple[type[BaseParser], ...] = (JSONDocumentParser, YAMLDocumentParser)
    renderer_classes = (JSONRenderer,)
    takes = {
        "import_document": tuple(PortingQuery().fields),
        "plan": tuple(PlanQuery().fields),
        "apply": tuple(ApplyQuery().fields),
    }
    scopes = {"import_document": "tasks:create", "plan": "tasks:read", "apply": "tasks:update"}

    @extend_schema(
        operation_id="tasks_import",
        parameters=[PortingQuery],
        request=DocumentSerializer,
        responses={201: PlanSerializer},
    )
    def import_document(self, request: Request) -> Response:
        """Make every task of the document, or none. A title that the owner has already is refused.

        The files behind the addresses of new calendars are fetched first, at most 50, all within 15 s.
        """
        document, asked = _asked(request, PortingQuery)
        done = carrying_out.import_document(document, **asked, actor=actor_of(request))
        return Response(done.shown(), status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="tasks_plan", parameters=[PlanQuery], request=DocumentSerializer, responses=PlanSerializer
    )
    def plan(self, request: Request) -> Response:
        """What `apply` would do now. Nothing is changed.

        It is done and taken back: so what would be created needs the scope tasks:create besides, what would be changed
        tasks:update, what would be deleted tasks:delete. The files behind the addresses of new and changed calendars are
        fetched, at most 50, all within 15 s.
        """
        document, asked = _asked(request, PlanQuery, to=_READ)
        return Response(carrying_out.plan(document, **asked, actor=actor_of(request), scopes=_scopes(request)).shown())

    @extend_schema(
        operation_id="tasks_apply", parameters=[ApplyQuery], request=DocumentSerializer, responses=PlanSerializer
    )
    def apply(self, request: Request) -> Response:
        """Make the owner's tasks what the document says: all of it, or nothing.

        What is created needs the scope tasks:create besides, what is deleted tasks:delete. The files behind the addresses of
        new and changed calendars are fetched first, at most 50, all within 15 s.
        """
        document, asked = _asked(request, ApplyQuery)
        done = carrying_out.apply(document, **asked, actor=actor_of(request), scopes=_scopes(request))
        return Response(done.shown())


def _asked(request: Request, query: type[PortingQuery], *, to: str = _CHANGE) -> tuple[Document, dict[str, Any]]:
    """The document that was sent, and what the query says beside it."""
    asked = _query(query, request)
    owner = owner_named(asked.pop("created_by", None), caller=agent_of(request), to=to)
    return document_in(request.data), {**asked, "owner": owner}


def _scopes(request: Request) -> frozenset[str] | None:
    """What the caller may do; None for everything."""
    caller = agent_of(request)
    return None if caller.is_admin else frozenset(caller.scopes)


def _query(query: type[PortingQuery], request: Request, *, only: str | None = None) -> dict[str, Any]:
    words = {name: value for name, value in request.query_params.items() if only in {None, name}}
    sent = query(data=words)
    sent.is_valid(raise_exception=True)
    asked: dict[str, Any] = sent.validated_data
    return asked


def _refuse_meaningless(request: Request) -> None:
    """What has ended is in no export: a parameter that is ignored would show something else."""
    if set(request.query_params.getlist("status")) & set(_GONE):
        raise ValidationError({"status": f"A task that is {' or '.join(_GONE)} is in no document: leave it out."})
