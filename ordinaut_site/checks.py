"""What `manage.py check --deploy` asks beside Django's own questions."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from ordinaut_site import weaknesses


@register(Tags.security, deploy=True)
def settings_are_strong(**_: Any) -> list[CheckMessage]:
    messages: list[CheckMessage] = [
        Error(each.what, hint=each.cure, id=f"ordinaut.{each.name}") for each in weaknesses.found(settings.ENV)
    ]
    if settings.DEBUG:
        hint = "Leave DEBUG as settings.py has it."
        messages.append(Error("DEBUG is on: errors show code and settings.", hint=hint, id="ordinaut.E006"))
    return messages


def refuse_weak_settings() -> None:
    """Raise `ImproperlyConfigured` for the first weakness that nothing may be started with."""
    for each in weaknesses.found(settings.ENV):
        if each.stops:
            raise ImproperlyConfigured(f"{each.what} {each.cure}")
