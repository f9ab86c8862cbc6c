"""Which rows has an operator chosen in a list?"""

from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponseBase


class ChosenRows:
    """For an admin's list: an id that none of its rows could have is a bad request. Django would end in an error."""

    model: type[models.Model]

    def response_action(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> HttpResponseBase | None:
        try:
            for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.model._meta.pk.to_python(chosen)  # noqa: SLF001 - public by Django's documentation
        except ValidationError as error:
            raise BadRequest("The rows chosen are none of this list.") from error
        answer: HttpResponseBase | None = super().response_action(request, queryset)  # type: ignore[misc] # of the admin beside it
        return answer
