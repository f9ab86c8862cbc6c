"""A breaker, as it is answered."""

from datetime import datetime
from typing import Any, Final

from rest_framework import serializers

from tasks_app.api.serializers.said import said
from tasks_app.conf import conf
from tasks_app.destinations.rules import Rules
from tasks_app.models import Destination
from tasks_app.states import BreakerState

HALF_OPEN = "half_open"
_STATES = [*BreakerState.values, HALF_OPEN]


STATES: Final = (
    "Whether the destination is called: it is (closed), not at all (open), by one call on trial (half_open), "
    "or slowly, in line (recovering)."
)


class BreakerSerializer(serializers.ModelSerializer[Destination]):
    destination = serializers.CharField(
        source="name", help_text="What is called: a tool, with the host and port where it has one."
    )
    state = serializers.ChoiceField(choices=_STATES, help_text=STATES)
    calls = serializers.IntegerField(help_text="How many calls were made in the last minute.")
    failures = serializers.IntegerField(help_text="How many of these calls failed.")
    retries_left = serializers.IntegerField(help_text="How many retries the budget of the last minute leaves.")
    waiting = serializers.IntegerField(help_text="How many runs wait to call it.")

    class Meta:
        model = Destination
        fields = (
            "id", "destination", "state", "calls", "failures", "retries_left", "waiting", "opened_at", "next_trial_at",
            "called_at",
        )  # fmt: skip
        read_only_fields = fields
        extra_kwargs = said(
            id="The destination's id.",
            opened_at="When the breaker opened; null unless it is open.",
            next_trial_at="When the next call may be tried; null unless the breaker is open.",
            called_at="When it was last called; null before that.",
        )


def answer(row: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """One row of `Destination.objects.in_numbers()`, at `now`, the database's time."""
    trial_until, retries = row.pop("trial_until"), row.pop("retries")
    if row["state"] == BreakerState.OPEN and trial_until and trial_until > now:
        row["state"] = HALF_OPEN
    return row | {"retries_left": Rules.of(conf()).retries_left(row["calls"], retries)}
