"""A forecast in plain values, as the API and the command tell it. Instants are UTC."""

from collections.abc import Sequence
from typing import Any, Final

from tasks_app.planning.forecast.engine import Forecast
from tasks_app.planning.forecast.peaks import Peak
from tasks_app.planning.forecast.reading import Reading
from tasks_app.planning.forecast.spread import Proposal
from tasks_app.planning.forecast.subject import Subject
from tasks_app.planning.forecast.tally import Collision, Hour

_MOST_TASKS: Final = 10


def outline(read: Reading, forecast: Forecast, *, slots: int) -> dict[str, Any]:
    """What was looked at, and the sums of it."""
    return {
        "from": forecast.window.start,
        "to": forecast.window.end,
        "looked_until": forecast.looked_until,
        "truncated": forecast.truncated,
        "slots": slots,
        "tasks": {
            "forecast": len(read.subjects) - len(forecast.unreadable),
            "unforeseeable": read.unforeseeable,
            "paused": read.paused,
            "unreadable": read.unreadable + len(forecast.unreadable),
            "left_out": read.left_out,
        },
        "fires": forecast.fires,
        "skipped": forecast.skipped,
    }


def course(forecast: Forecast) -> dict[str, Any]:
    """What becomes of the runs, hour by hour."""
    return {
        "started": forecast.started,
        "canceled": forecast.canceled,
        "waiting_at_end": {"runs": forecast.waiting, "longest_seconds": round(forecast.longest_waiting, 1)},
        "hours": [_hour(each) for each in forecast.hours],
    }


def clashes(forecast: Forecast, peaks: Sequence[Peak]) -> dict[str, Any]:
    """The collisions and the peaks."""
    return {
        "collisions": [_collision(each) for each in forecast.collisions],
        "collisions_left_out": forecast.collisions_left_out,
        "peaks": [_peak(each, forecast.subjects) for each in peaks],
    }


def proposal(proposed: Proposal) -> dict[str, Any]:
    return {
        "task": proposed.subject.task.pk,
        "title": proposed.subject.task.title,
        "jitter_seconds": proposed.jitter_seconds,
        "peak_before": proposed.peak_before,
        "peak_after": proposed.peak_after,
    }


def _hour(row: Hour) -> dict[str, Any]:
    return {
        "hour": row.start,
        "fires": row.fires,
        "skipped": dict(sorted(row.skipped.items())),
        "started": row.started,
        "max_queue_depth": row.deepest,
        "longest_wait_seconds": round(row.longest_wait, 1),
    }


def _collision(collision: Collision) -> dict[str, Any]:
    return {
        "agent": collision.agent,
        "concurrency_key": collision.key,
        "limit": collision.limit,
        "at": collision.at,
        "until": collision.until,
        "tasks": [{"id": task.pk, "title": task.title, "at": at} for task, at in collision.tasks],
        "tasks_left_out": collision.tasks_left_out,
        "would_wait_seconds": round(collision.longest_wait, 1),
    }


def _peak(peak: Peak, subjects: Sequence[Subject]) -> dict[str, Any]:
    shown = [subjects[number].task for number in peak.subjects[:_MOST_TASKS]]
    return {
        "minute": peak.minute,
        "fires": peak.fires,
        "tasks": [{"id": task.pk, "title": task.title} for task in shown],
        "tasks_left_out": len(peak.subjects) - len(shown),
    }
