"""How often may a password be tried? Counted by all processes together, as agents' secrets are."""

from typing import Any, Final

from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm

from tasks_app.events import counters

MOST_A_MINUTE: Final = 10


class LoginForm(AuthenticationForm):  # type: ignore[misc] # unfold has no types
    """A user from one address is tried ten times a minute: then not even the right password opens, until the minute ends."""

    def clean(self) -> dict[str, Any]:
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        name = str(self.cleaned_data.get("username", "")).lower()
        tries = counters.count(f"sign-in of {address} as {name}", window=60)
        if tries.number > MOST_A_MINUTE:
            raise ValidationError(f"Too many tries: wait {tries.ends_in:.0f} s.", code="throttled")
        cleaned: dict[str, Any] = super().clean()
        return cleaned
