"""Is the platform well? Alive: this process answers. Ready: its database does, with every table in place.

Redis is no part of readiness: without it everything is late by a poll's delay, and nothing else.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import redis
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tasks_app.api.endpoint import Exact
from tasks_app.events import lag, stream
from tasks_app.models import Task
from tasks_app.services import queue_state, workforce

_log = logging.getLogger(__name__)
_LONGEST_WAIT: Final = 2.0  # seconds
_LATER: Final = {"Retry-After": "2"}

# One thread: a database that hangs holds this one, and no more however often it is asked for.
_prober: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="health")
_migrated = False


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    database = _within_limit(_database)
    healthy = database == _OK
    body = {"status": _OK if healthy else "unavailable", "checks": {"database": database}}
    return JsonResponse(body, status=200 if healthy else 503, headers={} if healthy else _LATER)


class DetailedView(Exact):
    """How far everything is behind."""

    scopes = {"get": "runs:read", "head": "runs:read"}

    @extend_schema(responses={200: dict[str, Any], 503: dict[str, Any]})
    def get(self, request: Request) -> Response:
        database = _within_limit(_database)
        checks = {"database": database, "redis": _redis()}
        numbers = _numbers() if database == _OK else {}
        status = _OK if set(checks.values()) == {_OK} else "degraded"
        healthy = database == _OK
        body = {"status": status, "checks": checks, **numbers}
        return Response(body, status=200 if healthy else 503, headers={} if healthy else _LATER)


_OK: Final = "ok"


def _within_limit(check: Callable[[], str]) -> str:
    probe = _prober.submit(check)
    try:
        return probe.result(timeout=_LONGEST_WAIT)
    except TimeoutError:
        probe.cancel()  # it may still be waiting for its turn
        return f"no answer within {_LONGEST_WAIT:g} s"


def _database() -> str:
    try:
        if _missing_migrations():
            return "migrations are missing: run `manage.py migrate`"
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        _log.warning("The database does not answer: %s", error)
        return "does not answer"
    finally:
        connection.close()
    return _OK


def _missing_migrations() -> bool:
    """Whether any is not applied; once all are, they stay so for as long as this process lives."""
    global _migrated  # noqa: PLW0603 - one memory a process
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return not _migrated


def _redis() -> str:
    try:
        stream.client().ping()
    except redis.RedisError:
        return "does not answer"
    return _OK


def _numbers() -> dict[str, Any]:
    """How much is in the queue; lateness in seconds: of beat, of workers, of the relay; how long ago each duty was done."""
    state = queue_state.look()
    return {
        "queue": state.depth,
        "late_seconds": {
            "beat": _seconds_since(Task.objects.due().order_by(), "due_at"),
            "workers": round(state.oldest_seconds, 3),
            "relay": _unpublished_for(),
        },
        "rounds_seconds_ago": workforce.seconds_since_rounds(),
        "workers": workforce.workers_by_state(),
    }


def _unpublished_for() -> float | None:
    """How long the oldest event has waited to be on the stream; None where nobody knows what that holds."""
    try:
        return max(round(lag.unpublished_for().total_seconds(), 3), 0.0)
    except stream.StreamUnreachable:
        return None


def _seconds_since(rows: Any, column: str) -> float:
    """How long ago the oldest of `rows` was due; 0 when there is none."""
    found = rows.aggregate(late=Now() - Min(column))["late"]
    return max(round(found.total_seconds(), 3), 0.0) if found else 0.0
