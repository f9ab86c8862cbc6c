"""Shapes found in older documents, turned into today's."""

from collections.abc import Mapping
from typing import Any


def modern_task(body: Any) -> Any:
    """Top-level `schedule` (an RRULE), `event_type` (a topic), `pipeline` and `params`; the back-off `exponential`."""
    if not isinstance(body, Mapping):
        return body
    made = dict(body)
    if "schedule" in made and "schedule_expr" not in made:
        made["schedule_expr"] = made.pop("schedule")
        made.setdefault("schedule_kind", "rrule")
    if "event_type" in made and "schedule_expr" not in made:
        made["schedule_expr"] = made.pop("event_type")
        made.setdefault("schedule_kind", "event")
    if "pipeline" in made and "payload" not in made:
        made["payload"] = {name: made.pop(name) for name in ("params", "pipeline") if name in made}
    if made.get("backoff_strategy") == "exponential":
        made["backoff_strategy"] = "exponential_jitter"
    return made


def modern_credentials(body: Any) -> Any:
    """`credentials` for `agent_secret`."""
    if not isinstance(body, Mapping) or "credentials" not in body or "agent_secret" in body:
        return body
    made = dict(body)
    made["agent_secret"] = made.pop("credentials")
    return made
