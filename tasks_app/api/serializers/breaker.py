"""A breaker, as it is answered."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from tasks_app.conf import conf
from tasks_app.destinations.rules import Rules
from tasks_app.models import Destination
from tasks_app.states import BreakerState

HALF_OPEN = "half_open"
_STATES = [*BreakerState.values, HALF_OPEN]


class BreakerSerializer(serializers.ModelSerializer[Destination]):
    destination = serializers.CharField(source="name", help_text="A tool, with the host and port where it has one.")
    state = serializers.ChoiceField(choices=_STATES, help_text="half_open: open, and one call is being tried.")
    calls = serializers.IntegerField(help_text="In the last minute.")
    failures = serializers.IntegerField(help_text="Of these calls.")
    retries_left = serializers.IntegerField(help_text="Of the retry budget of the last minute.")
    waiting = serializers.IntegerField(help_text="Runs that wait to call it.")

    class Meta:
        model = Destination
        fields = (
            "id", "destination", "state", "calls", "failures", "retries_left", "waiting", "opened_at", "next_trial_at",
            "called_at",
        )  # fmt: skip
        read_only_fields = fields


def answer(row: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """One row of `Destination.objects.in_numbers()`, at `now`, the database's time."""
    trial_until, retries = row.pop("trial_until"), row.pop("retries")
    if row["state"] == BreakerState.OPEN and trial_until and trial_until > now:
        row["state"] = HALF_OPEN
    return row | {"retries_left": Rules.of(conf()).retries_left(row["calls"], retries)}
