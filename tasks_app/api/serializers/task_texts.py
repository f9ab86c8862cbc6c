"""What the OpenAPI document says of a task's fields: the same wherever a task is sent or answered."""

from typing import Final

from tasks_app.api.serializers.said import said

STARTS_AT: Final = "No instant before this moment counts; without an offset it is local to the zone. Null, the default, for no such limit."
ENDS_AT: Final = "No instant after this moment counts; without an offset it is local to the zone. Null, the default, for no such limit."
WHEN: Final = said(
    schedule_kind=(
        "How schedule_expr is read: as an RFC 5545 rule, a cron line, an ISO 8601 interval, one instant, a topic of events, "
        "or a condition; a manual task runs only when it is asked for."
    ),
    schedule_expr=(
        "The schedule, as its kind reads it: FREQ=DAILY;BYHOUR=9 (rrule), 0 9 * * 1-5 (cron), PT15M (interval), "
        "2026-01-31T09:00:00Z (once), orders.paid or orders.* (event), an expression (condition); empty for manual."
    ),
    max_occurrences="How many runs the schedule gives at most; then the task is completed. Null for no such limit.",
    dst_policy=(
        "What to do when the clocks change, in words such as `skip, both`: rfc, next_valid or skip for a time that does not "
        "exist; first, second or both for one that comes twice; elapsed or wall for rules of hours and less. "
        "Empty: rfc (of cron, next_valid), first, elapsed."
    ),
    calendar_policy=(
        "What becomes of an instant on a day of the task's calendar: it makes no run (exclude), or it moves to the same time "
        "of the nearest day outside the calendar, after it or before it. Default: exclude."
    ),
    misfire_policy=(
        "What becomes of instants that passed while nothing looked at them, because no beat ran or the task was paused: "
        "only the newest runs (latest), each runs (all), or none (skip). Default: latest."
    ),
    catch_up_window_seconds=(
        "How many seconds back missed instants may still become runs; older ones are recorded as misfired. Default: 86400."
    ),
    catch_up_limit="How many missed instants run at most, the newest ones, with the misfire policy all. Default: 100.",
    overlap_policy=(
        "What becomes of an instant while the run of an earlier one has not ended: it runs beside it (allow), not at all "
        "(skip), after it, if it is the first to wait (queue_one), after it in any case (queue_all), or instead of it "
        "(cancel_running). Default: allow."
    ),
    jitter_seconds=(
        "The width, in seconds, of the window after each instant in which its run begins; where in it is always the same for "
        "one task, and spread evenly over many. Default: 0."
    ),
)

TASK: Final = WHEN | said(
    id="The task's id.",
    title="What the task is called.",
    description="Notes for people; nothing reads them. Default: empty.",
    concurrency_key=(
        "Runs of the owner's tasks with the same key share places: no more of them go on at one time than concurrency_limit "
        "says. Default: empty, which limits nothing."
    ),
    concurrency_limit="How many runs under the concurrency_key may go on at one time. Default: 1.",
    dedupe_key=(
        "A run is not made if one of the owner's tasks with the same key had one within dedupe_window_seconds. "
        "Default: empty, which refuses nothing."
    ),
    dedupe_window_seconds="For how many seconds a run keeps others under its dedupe_key from being made. Default: 3600.",
    poll_seconds="Seconds between two looks at a condition. Default: 60.",
    cooldown_seconds="Seconds that have to pass from one run of a condition to the next. Default: 0.",
    mode="Whether runs call tools (live) or only pretend to (simulate), which counts as no success. Default: live.",
    status=(
        "Whether its schedule makes runs (active), does not for now (paused), has given all its runs (completed), "
        "or was ended for good (canceled)."
    ),
    priority="Which of the runs that are due begin first: 9 before 8, and so on. Default: 5.",
    max_retries=(
        "How often a run is tried again that failed with an error that may pass by itself; "
        "steps may have retries of their own before that. Default: 3."
    ),
    backoff_strategy=(
        "How long a run waits after its nth failure, with retry_delay_seconds as base: 50 to 100 % of base * 2^(n-1) "
        "(exponential_jitter), base * n (linear), or base (fixed); never more than 300 seconds. Default: exponential_jitter."
    ),
    retry_delay_seconds="The base, in seconds, of the wait before a retry. Default: 1.",
    timeout_seconds="Seconds that one attempt at a run may take. Default: 300.",
    queue_timeout_seconds="A run that no worker begins with in so many seconds is given up; null for never.",
    calls_per_day="How many calls with effects its runs may make on one day (UTC); null for any number.",
    tokens_per_day="How many tokens of a language model its runs may use up on one day (UTC); null for any number.",
    microdollars_per_day="How many millionths of a dollar its runs may cost on one day (UTC); null for any number.",
    next_run_at="The next instant that makes a run; null if none is known.",
    condition_met="Whether the condition held at the last look that found it out; null before one did.",
    version="A number that each change of the task raises, from 1.",
    created_at="When the task was made.",
    updated_at="When the task was last changed.",
)
