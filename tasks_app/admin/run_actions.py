"""What an operator can ask about runs, from their list and from the page of one."""

from functools import partial
from typing import Any, Final

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from tasks_app.admin.asking import ask_for_each
from tasks_app.models import Run
from tasks_app.services import decisions, runs
from tasks_app.states import FINISHED, REDRIVABLE, WaitingFor

# action, and what its button says on the page of a run for which it makes sense
_DECISION: Final = (
    ("declare_succeeded", "The call took effect: go on"),
    ("declare_failed", "The call failed: end this run"),
    ("call_again", "Make the call again"),
)

_APPROVAL: Final = (
    ("approve", "Approve"),
    ("reject", "Reject"),
)
LONGEST_COMMENT: Final = 1000
_RETRY: Final = (
    ("go_on", "Retry from the failed step"),
    ("start_again", "Retry from the start"),
)


def buttons_for(run: Run) -> list[tuple[str, str]]:
    """The actions that this run allows, each with its words."""
    buttons: list[tuple[str, str]] = []
    if run.waiting_for == WaitingFor.DECISION:
        buttons += _DECISION
    if run.waiting_for == WaitingFor.APPROVAL:
        buttons += _APPROVAL
    if run.state in REDRIVABLE:
        buttons += _RETRY
    if run.state not in FINISHED:
        buttons.append(("cancel", "Cancel this run"))
    return buttons


class RunActions:
    """For `RunAdmin`. Each asks its service for every run chosen."""

    actions = ("cancel", *(name for name, _ in (*_DECISION, *_APPROVAL, *_RETRY)))

    @admin.action(description="Cancel", permissions=["ask"])
    def cancel(self, request: HttpRequest, queryset: models.QuerySet[Run]) -> None:
        self._ask(request, queryset, runs.cancel, done="canceled")

    @admin.action(description="Declare that the unknown step succeeded", permissions=["ask"])
    def declare_succeeded(self, request: HttpRequest, queryset: models.QuerySet[Run]) -> None:
        self._ask(request, queryset, partial(decisions.resolve, outcome="succeeded"), done="go on")

    @admin.action(description="Declare that the unknown step failed", permissions=["ask"])
    def declare_failed(self, request: HttpRequest, queryset: models.QuerySet[Run]) -> None:
        self._ask(request, queryset, partial(decisions.resolve, outcome="failed"), done="fail at that step")

    @admin.action(description="Make the call of the unknown step again", permissions=["ask"])
    def call_again(self, request: HttpRequest, queryset: models.QuerySet[Run]) -> None:
        self._ask(request, queryset, partial(decisions.resolve, outcome="retry"), done="go on with that call")

    @admin.action(description="Approve", permissions=["ask"])
    def approve(self, request: HttpRequest, queryset: models.QuerySet[Run]) -> None:
        self._ask(request, queryset, partial(decisions.approve, comment=_comment(request)), done="approved")

    @admin.action(description="Reject", permissions=["ask"])
    def reject(self, request: HttpRequest, queryset: models.QuerySet[Run]) -> None:
        self._ask(request, queryset, partial(decisions.reject, comment=_comment(request)), done="rejected")

    @admin.action(description="Retry from the failed step", permissions=["ask"])
    def go_on(self, request: HttpRequest, queryset: models.QuerySet[Run]) -> None:
        self._ask(request, queryset, runs.retry, done="retried")

    @admin.action(description="Retry from the start", permissions=["ask"])
    def start_again(self, request: HttpRequest, queryset: models.QuerySet[Run]) -> None:
        self._ask(request, queryset, partial(runs.retry, start_at="start"), done="retried")

    def _ask(self, request: HttpRequest, chosen: models.QuerySet[Run], ask: Any, *, done: str) -> None:
        ask_for_each(self, request, chosen, ask, done=done)


def _comment(request: HttpRequest) -> str:
    """What the operator wrote beside the buttons of a run that asks for approval."""
    return request.POST.get("comment", "").strip()[:LONGEST_COMMENT]
