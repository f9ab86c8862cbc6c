"""Shapes found in older documents, turned into today's."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from tasks_app.exceptions import Fault, InvalidRequest

MOST_TEMPLATES: Final = 50


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


def modern_snooze(body: Any) -> Any:
    """`seconds` for `delay_seconds`."""
    if not _is_older_snooze(body):
        return body
    return {"delay_seconds" if name == "seconds" else name: value for name, value in body.items()}


def as_snoozed(body: Any, detail: Any) -> Any:
    """What is wrong with the modern shape of `body`, by the names that were sent."""
    if not (_is_older_snooze(body) and isinstance(detail, dict)):
        return detail
    return {"seconds" if name == "delay_seconds" else name: said for name, said in detail.items()}


def _is_older_snooze(body: Any) -> bool:
    return isinstance(body, Mapping) and "seconds" in body and "delay_seconds" not in body


@contextmanager
def pointing_into(body: Any, *, place: str = "") -> Iterator[None]:
    """Faults found in the modern shape of `body`, which stands at `place` in the request, point into what was sent."""
    try:
        yield
    except InvalidRequest as invalid:
        names = _older_names(body)
        faults = (Fault(f"{place}{_renamed(fault.pointer, names)}", fault.message) for fault in invalid.faults)
        raise InvalidRequest(*faults) from None


@contextmanager
def pointing_into_each(bodies: Sequence[Any], *, place: str) -> Iterator[None]:
    """The same of many bodies, where a fault begins with the number of the one that it is about."""
    try:
        yield
    except InvalidRequest as invalid:
        faults = []
        for fault in invalid.faults:
            _, number, rest = (
                fault.pointer.split("/", 2) if fault.pointer.count("/") > 1 else ("", fault.pointer[1:], "")
            )
            within = _renamed(f"/{rest}", _older_names(bodies[int(number)])) if rest else ""
            faults.append(Fault(f"{place}/{number}{within}", fault.message))
        raise InvalidRequest(*faults) from None


def _older_names(body: Any) -> dict[str, str]:
    """Where a part of the modern shape stood, by where it stands."""
    if not isinstance(body, Mapping):
        return {}
    names = {}
    if "payload" not in body:
        names["/payload"] = ""
    for name in ("event_type", "schedule"):
        if name in body and "schedule_expr" not in body:
            names["/schedule_expr"] = f"/{name}"
    return names


def _renamed(pointer: str, names: Mapping[str, str]) -> str:
    for modern, older in names.items():
        if pointer == modern or pointer.startswith(f"{modern}/"):
            return older + pointer.removeprefix(modern)
    return pointer


def templates_in(body: Any) -> list[Any] | None:
    """The tasks of a bundle, `{"templates": [task, ...]}`; None for what is none. Raises `InvalidRequest`."""
    if not isinstance(body, Mapping) or "templates" not in body:
        return None
    templates = body["templates"]
    if not isinstance(templates, list) or not 1 <= len(templates) <= MOST_TEMPLATES:
        raise InvalidRequest(Fault("/templates", f"Give a list of 1 to {MOST_TEMPLATES} tasks."))
    if beside := [str(name)[:100] for name in body if name != "templates"]:
        raise InvalidRequest(*(Fault(f"/{name}", "A bundle has templates and nothing beside them.") for name in beside))
    return templates


def modern_credentials(body: Any) -> Any:
    """`credentials` for `agent_secret`."""
    if not isinstance(body, Mapping) or "credentials" not in body or "agent_secret" in body:
        return body
    made = dict(body)
    made["agent_secret"] = made.pop("credentials")
    return made
