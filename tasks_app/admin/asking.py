"""How an operator's wish reaches a service, and how its answer comes back.

No page here writes a row itself: a form hands its values to a service while it is being validated, because
the service alone knows what is valid, and shows the faults that it answers at their fields.
"""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from django import forms
from django.contrib import messages
from django.db import models
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from tasks_app.admin.choosing import ChosenRows
from tasks_app.exceptions import MOST_FAULTS, Fault, IllegalMove, InvalidRequest, OrdinautError, untold
from tasks_app.services.actor import Actor

Subject = TypeVar("Subject", bound=models.Model)
_LONGEST_REQUEST_ID = 64


def actor_of(request: HttpRequest) -> Actor:
    """The logged-in operator, under the request id that the log lines carry."""
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    return Actor.of_user(request.user.get_username(), request_id=request_id[:_LONGEST_REQUEST_ID])


def ask_for_each(
    model_admin: ModelAdmin,
    request: HttpRequest,
    subjects: models.QuerySet[Subject],
    ask: Callable[..., object],
    *,
    done: str,
) -> None:
    """Ask the same of each of `subjects`; one that is refused is named with its reason and stops no other."""
    actor = actor_of(request)
    succeeded = 0
    for subject in subjects:
        try:
            ask(subject, actor=actor)
        except OrdinautError as refusal:
            model_admin.message_user(request, f"{subject}: {refusal}", messages.ERROR)
        else:
            succeeded += 1
    if succeeded:
        words = model_admin.opts
        noun = words.verbose_name if succeeded == 1 else words.verbose_name_plural
        model_admin.message_user(request, f"{succeeded} {noun} {done}.", messages.SUCCESS)


class AskingForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs only
    """A form whose saving is a service's work. `AskingAdmin` gives it the actor."""

    actor: Actor

    @abstractmethod
    def ask(self, values: dict[str, Any]) -> models.Model:
        """Hand the values to a service; answers the row as it now is. Raises what the service raises."""
        ...

    def _post_clean(self) -> None:
        """In the place of Django's own checks of the model, which the service makes."""
        if self.errors:
            return
        try:
            self.instance = self.ask(self.cleaned_data)
        except InvalidRequest as refusal:
            for fault in refusal.faults[:MOST_FAULTS]:
                self._show(fault)
            if more := untold(refusal.faults):
                self.add_error(None, f"There are {more} more faults: mend these first.")
        except IllegalMove as refusal:
            self.add_error(None, str(refusal))

    def _show(self, fault: Fault) -> None:
        field, _, inside = fault.pointer.removeprefix("/").partition("/")
        if field in self.fields:
            self.add_error(field, f"{inside}: {fault.message}" if inside else fault.message)
        else:
            self.add_error(None, f"{fault.pointer}: {fault.message}" if fault.pointer else fault.message)


class AskingAdmin(ChosenRows, ModelAdmin):
    """Pages whose form is an `AskingForm`: by the time it is valid, everything is saved."""

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[AskingForm]:
        form: type[AskingForm] = super().get_form(request, *args, **kwargs)
        form.actor = actor_of(request)  # the class was made for this request alone
        return form

    def save_form(self, request: HttpRequest, form: AskingForm, change: bool) -> models.Model:
        saved: models.Model = form.instance
        return saved

    def save_model(self, request: HttpRequest, obj: models.Model, form: AskingForm, change: bool) -> None:
        """Saved already."""

    def save_related(self, request: HttpRequest, form: AskingForm, formsets: Any, change: bool) -> None:
        """Nothing related is edited."""
