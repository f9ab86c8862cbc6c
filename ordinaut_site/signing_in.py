"""How often may a password be tried? Counted by all processes together, as agents' secrets are."""

import hashlib
from typing import Any, Final

from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm

from tasks_app.api.networks import counted_as
from tasks_app.events import counters
from tasks_app.events.counters import Tries

MOST_A_MINUTE: Final = 10
MOST_OF_ADDRESS: Final = 60
MOST_OF_NAME: Final = 100
_WINDOW: Final = 60.0
_REMEMBERED: Final = 30 * 86_400.0  # seconds: how long a name is known at an address


class LoginForm(AuthenticationForm):  # type: ignore[misc] # unfold has no types
    """Over its limits not even the right password opens, until the minute ends, and none is hashed.

    A name is tried ten times a minute from one address, and one address tries sixty times, whatever names it gives. From all
    addresses together a name is tried a hundred times, but for those from which it has signed in within thirty days: else
    who has many addresses could keep an operator out for as long as they like.
    """

    def clean(self) -> dict[str, Any]:
        address = counted_as(self.request.META.get("REMOTE_ADDR", "")) if self.request else ""
        name = hashlib.sha256(str(self.cleaned_data.get("username", "")).lower().encode()).hexdigest()[:32]
        if over := _over(address, name):
            raise ValidationError(f"Too many tries: wait {over.ends_in:.0f} s.", code="throttled")
        cleaned: dict[str, Any] = super().clean()
        counters.count(_known(address, name), window=_REMEMBERED)
        return cleaned


def _over(address: str, name: str) -> Tries | None:
    """The limit that this try exceeds. One that its address exceeds does not count for the name: it would keep others out."""
    own, of_address = counters.count_each([f"sign-in of {address} as {name}", f"sign-in of {address}"], window=_WINDOW)
    if own.number > MOST_A_MINUTE:
        return own
    if of_address.number > MOST_OF_ADDRESS:
        return of_address
    if counters.is_counted(_known(address, name)):
        return None
    of_name = counters.count(f"sign-in as {name}", window=_WINDOW)
    return of_name if of_name.number > MOST_OF_NAME else None


def _known(address: str, name: str) -> str:
    return f"signed in from {address} as {name}"
