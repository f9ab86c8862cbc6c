"""Which fields of a step say how long it may take, how often it is tried and what becomes of its failure?"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from pipelines.expressions.references import path_text
from pipelines.retries import StepRetries
from pipelines.spec import KEY, KEY_RULE
from pipelines.templates import Template

FIELDS: Final = (
    "timeout_seconds",
    "max_retries",
    "retry_count",
    "retry_delay",
    "on_error",
    "idempotency_key",
    "idempotency_ttl_seconds",
)
MAX_TIMEOUT_SECONDS: Final = 300
MAX_RETRIES: Final = 10
LEAST_DELAY, LONGEST_DELAY = 0.1, 3600  # seconds
MAX_TTL_SECONDS: Final = 2_592_000  # 30 days
RETRIES_OF_RETRY: Final = 3  # where `on_error` is `retry` and nothing says how often

STRATEGIES: Final = ("fail", "continue", "retry")
_HOW_TO_RECOVER: Final = (
    'is not one of fail, continue and retry, nor {"strategy": "fallback", "fallback_value": ...} with a value'
)
_OF_ONE_ATTEMPT: Final = ("attempt", "fence")

Report: TypeAlias = Callable[[str, str], None]  # a fault's pointer and its message


def timeout_of(step: dict[str, Any], place: str, report: Report) -> float | None:
    """Seconds within which the step's call has to be done; None where its tool's own timeout applies."""
    seconds = step.get("timeout_seconds")
    if seconds is None:
        return None
    if not _is_number(seconds) or not 0 < seconds <= MAX_TIMEOUT_SECONDS:
        report(f"{place}/timeout_seconds", f"is not a number of seconds above 0, at most {MAX_TIMEOUT_SECONDS}")
        return None
    return float(seconds)


def retries_of(step: dict[str, Any], place: str, report: Report) -> StepRetries | None:
    """How often the step is tried again, and when: `max_retries`, also called `retry_count`, and `retry_delay`.

    None where its tool's own rule applies.
    """
    if "max_retries" in step and "retry_count" in step:
        report(f"{place}/retry_count", "is another name of max_retries; give one of them")
    default = RETRIES_OF_RETRY if _is_retried(step.get("on_error")) else 0
    name = "retry_count" if "retry_count" in step else "max_retries"
    most = step.get(name, default)
    if not isinstance(most, int) or isinstance(most, bool) or not 0 <= most <= MAX_RETRIES:
        report(f"{place}/{name}", f"is not a whole number from 0 to {MAX_RETRIES}")
        most = default
    if "retry_delay" not in step:
        return StepRetries(most) if name in step or default else None
    if name not in step and not default:
        report(f"{place}/retry_delay", "says when, but nothing says how often; add max_retries")
    return StepRetries(most, _delays(step["retry_delay"], f"{place}/retry_delay", report))


def strategy_of(step: dict[str, Any], place: str, report: Report) -> str:
    """What becomes of the step's failure: fail, continue, retry or fallback, whose value is in `on_error` then."""
    on_error = step.get("on_error", "fail")
    if isinstance(on_error, str) and on_error in STRATEGIES:
        return on_error
    if isinstance(on_error, dict) and on_error.keys() == {"strategy", "fallback_value"}:
        if on_error["strategy"] == "fallback":
            return "fallback"
        report(f"{place}/on_error/strategy", "is not fallback, which alone has a fallback_value")
    else:
        report(f"{place}/on_error", _HOW_TO_RECOVER)
    return "fail"


def ttl_of(step: dict[str, Any], place: str, report: Report) -> int | None:
    """Seconds for which what the step comes to stands for all calls under its key; None where each call is made."""
    if "idempotency_ttl_seconds" not in step:
        return None
    place = f"{place}/idempotency_ttl_seconds"
    if "idempotency_key" not in step:
        report(place, "says how long, but nothing says under which key; add idempotency_key")
    seconds = step["idempotency_ttl_seconds"]
    if isinstance(seconds, int) and not isinstance(seconds, bool) and 1 <= seconds <= MAX_TTL_SECONDS:
        return seconds
    report(place, f"is not a whole number of seconds from 1 to {MAX_TTL_SECONDS}, which is 30 days")
    return None


def check_key(value: Any, template: Template, place: str, report: Report) -> None:
    """Report an idempotency key that cannot be one, or that another attempt of the run would not come to again."""
    if not isinstance(value, str):
        report(place, f"is not a text or a template that comes to one: {KEY_RULE}")
    elif template.fill is None and not KEY.fullmatch(value):
        report(place, f"is not a key: {KEY_RULE}")
    for _, path in template.paths:
        if path[0] == "run" and (len(path) == 1 or path[1] in _OF_ONE_ATTEMPT):
            report(place, f"`{path_text(path)}` is another in every attempt, and the key must be equal in all of them")


def _is_retried(on_error: Any) -> bool:
    return isinstance(on_error, str) and on_error == "retry"


def _delays(given: Any, place: str, report: Report) -> tuple[float, ...]:
    if not isinstance(given, list):
        return _delay(given, place, report)
    if not 1 <= len(given) <= MAX_RETRIES:
        report(place, f"has {len(given)} delays; give 1 to {MAX_RETRIES}")
        return ()
    return tuple(
        seconds for position, each in enumerate(given) for seconds in _delay(each, f"{place}/{position}", report)
    )


def _delay(given: Any, place: str, report: Report) -> tuple[float, ...]:
    if _is_number(given) and LEAST_DELAY <= given <= LONGEST_DELAY:
        return (float(given),)
    report(place, f"is not a number of seconds from {LEAST_DELAY} to {LONGEST_DELAY}, nor a list of such")
    return ()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
