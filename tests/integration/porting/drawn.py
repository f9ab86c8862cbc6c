"""Documents that nobody would write: tasks with anything in any field, in any order."""

from typing import Any

from hypothesis import strategies as st

from tests.unit.porting.test_text import TEXTS, VALUES

TITLES = TEXTS.filter(bool).map(lambda text: text[:200])
KEYS = st.sampled_from(["", "a", "billing:é", "no"])
KINDS: list[dict[str, Any]] = [
    {"schedule_kind": "rrule", "schedule_expr": "RRULE:FREQ=WEEKLY;BYDAY=MO;BYHOUR=9\nEXDATE:20300107T090000"},
    {"schedule_kind": "rrule", "schedule_expr": "FREQ=MONTHLY", "dst_policy": "skip, both"},
    {"schedule_kind": "cron", "schedule_expr": "0 9 * * 1"},
    {"schedule_kind": "interval", "schedule_expr": "PT1H"},
    {"schedule_kind": "once", "schedule_expr": "2400-01-05T12:00:00"},
    {"schedule_kind": "event", "schedule_expr": "orders.*"},
    {"schedule_kind": "manual"},
    {
        "schedule_kind": "condition",
        "schedule_expr": "probe.n > `1`",
        "probe": {"uses": "debug.echo", "with": {"message": "no"}},
        "poll_seconds": 77,
        "cooldown_seconds": 5,
    },
]
CALENDARS = [
    {"name": "off", "definition": {"union": [{"calendar": "an older"}, {"weekends": True}]}},
    {
        "name": "an older",
        "description": "no",
        "definition": {"dates": ["2026-12-24", {"date": "2026-12-31", "name": "on"}]},
    },
]
OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "description": TEXTS,
    "timezone": st.sampled_from(["UTC", "Europe/Chisinau"]),
    "dtstart": st.sampled_from(["2026-01-31", "2026-01-31T09:00:00.5"]),
    "starts_at": st.sampled_from([None, "2026-01-01T00:00:00+02:00", "2026-01-01T00:00:00.000001Z"]),
    "ends_at": st.sampled_from([None, "2500-01-01T00:00:00Z"]),
    "max_occurrences": st.sampled_from([None, 1, 2**31 - 1]),
    "misfire_policy": st.sampled_from(["skip", "latest", "all"]),
    "catch_up_window_seconds": st.integers(1, 31_622_400),
    "catch_up_limit": st.integers(1, 1000),
    "overlap_policy": st.sampled_from(["allow", "skip", "queue_one", "queue_all", "cancel_running"]),
    "jitter_seconds": st.integers(0, 60),
    "quiet_hours": st.sampled_from([[], [{"to": "07:00", "from": "22:00", "days": ["MO"]}]]),
    "concurrency_key": KEYS,
    "concurrency_limit": st.integers(1, 10_000),
    "dedupe_key": KEYS,
    "dedupe_window_seconds": st.integers(1, 31_622_400),
    "mode": st.sampled_from(["live", "simulate"]),
    "priority": st.integers(1, 9),
    "max_retries": st.integers(0, 10),
    "backoff_strategy": st.sampled_from(["exponential_jitter", "linear", "fixed"]),
    "retry_delay_seconds": st.integers(1, 86_400),
    "timeout_seconds": st.integers(1, 86_400),
    "queue_timeout_seconds": st.sampled_from([None, 60]),
    "calls_per_day": st.sampled_from([None, 1]),
    "tokens_per_day": st.sampled_from([None, 2**62]),
    "microdollars_per_day": st.sampled_from([None, 1]),
    "status": st.sampled_from(["active", "paused"]),
}


@st.composite
def tasks(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(KINDS))
    params = draw(st.dictionaries(TEXTS, VALUES, max_size=2))
    steps = [{"id": "one", "uses": "debug.echo", "with": {"message": draw(TEXTS).replace("$", "").replace("{", "")}}]
    payload = {"pipeline": steps, "params": params} if params else {"pipeline": steps}
    answers = kind["schedule_kind"] in {"event", "condition", "manual"}
    timed = {"calendar": draw(st.sampled_from([None, "off", "an older"]))}
    if not answers:
        timed["calendar_policy"] = draw(st.sampled_from(["exclude", "next_business_day", "previous_business_day"]))
    given = draw(st.fixed_dictionaries({}, optional=OPTIONAL))
    return {"title": draw(TITLES), "payload": payload, **kind, **timed, **given}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    drawn = draw(st.lists(tasks(), min_size=1, max_size=4))
    return {"tasks": drawn, "calendars": draw(st.permutations(CALENDARS)), "ordinaut": 1}
