"""An event gives each task that listens to it its run, or its row in the ledger."""

from datetime import timedelta
from typing import Any

import pytest

from tasks_app.exceptions import IllegalMove, InvalidRequest
from tasks_app.models import Agent, Calendar, Run, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tasks_app.services import events, tasks
from tasks_app.services.actor import SYSTEM, Actor
from tests.making import events_of, make_agent, the_event, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

DAY = timedelta(days=1)
LISTENING = {"title": "Listening", "schedule_kind": "event", "payload": {"pipeline": [{"uses": "noop"}]}}


def listening(owner: Agent, topic: str = "orders.paid", **fields: Any) -> Task:
    return tasks.create_task(owner, actor=SYSTEM, **(LISTENING | {"schedule_expr": topic} | fields))


def publish(publisher: Agent, topic: str = "orders.paid", **payload: Any) -> events.Published:
    return events.publish(publisher, topic, payload, actor=Actor.of_agent(publisher, request_id="req-1"))


def ledger(task: Task) -> list[str]:
    return list(SkippedOccurrence.objects.filter(task=task).order_by("scheduled_for").values_list("reason", flat=True))


def refusal(act: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRequest) as refused:
        act()
    return [(fault.pointer, fault.message) for fault in refused.value.faults]


def test_a_task_that_listens_has_no_next_run_and_is_active() -> None:
    task = listening(make_agent())

    assert (task.status, task.next_run_at, task.due_at) == ("active", None, None)


def test_an_event_is_recorded_and_gives_its_run_with_what_happened() -> None:
    owner = make_agent()
    task = listening(owner, priority=8)

    published = publish(owner, amount=5)

    event = the_event("external.orders.paid")
    assert (event.aggregate, event.data, event.agent) == (f"agent:{owner.pk}", {"amount": 5}, owner.pk)
    assert (event.request_id, event.causation, event.id) == ("req-1", 0, published.event.id)
    run = Run.objects.get()
    assert published.runs == (run.pk,)
    assert (run.task, run.trigger, run.state, run.priority, run.request_id) == (task, "event", "queued", 8, "req-1")
    assert run.scheduled_for is not None
    assert run.input == {
        "event": {
            "id": str(event.id),
            "topic": "orders.paid",
            "payload": {"amount": 5},
            "at": event.at.isoformat(),
        },
        "causation": 0,
    }
    task.refresh_from_db()
    assert (task.occurrences, task.planned_until) == (1, run.scheduled_for)


@pytest.mark.parametrize(
    ("pattern", "reached"),
    [("orders.paid", 1), ("orders.*", 1), ("*", 1), ("orders", 0), ("orders.paid.*", 0), ("order.*", 0)],
)
def test_exactly_the_patterns_that_match_are_reached(pattern: str, reached: int) -> None:
    owner = make_agent()
    listening(owner, pattern)

    assert len(publish(owner).runs) == reached


def test_an_event_reaches_its_publishers_tasks_only_and_an_admins_reaches_all() -> None:
    ours, theirs, admin = make_agent(), make_agent(), make_agent(scopes=("admin",))
    own, foreign = listening(ours), listening(theirs)

    publish(ours)
    assert list(Run.objects.values_list("task", flat=True)) == [own.pk]

    publish(admin)
    assert Run.objects.filter(task=own).count() == 2
    assert Run.objects.filter(task=foreign).count() == 1


def test_events_in_quick_succession_are_instants_of_their_own() -> None:
    owner = make_agent()
    task = listening(owner)
    planned_until = database_now() + DAY  # the clock went back
    Task.objects.filter(pk=task.pk).update(planned_until=planned_until)

    for number in range(5):
        publish(owner, number=number)

    numbers = [run.input["event"]["payload"]["number"] for run in Run.objects.order_by("scheduled_for")]
    assert numbers == [0, 1, 2, 3, 4]
    assert Run.objects.filter(scheduled_for__gt=planned_until).count() == 5


def test_what_is_canceled_completed_deleted_or_of_another_kind_hears_nothing() -> None:
    owner = make_agent()
    tasks.cancel(listening(owner), actor=SYSTEM)
    tasks.delete(listening(owner), actor=SYSTEM)
    tasks.create_task(owner, actor=SYSTEM, **(LISTENING | {"schedule_kind": "manual"}))
    Task.objects.filter(pk=listening(owner).pk).update(status="completed")

    assert publish(owner).runs == ()
    assert not SkippedOccurrence.objects.exists()


def test_an_event_that_passes_a_paused_task_goes_into_its_ledger_and_is_not_made_up_for() -> None:
    owner = make_agent()
    task = tasks.pause(listening(owner, misfire_policy="all"), actor=SYSTEM)

    assert publish(owner).runs == ()
    assert ledger(task) == ["paused"]
    assert events_of(task)[-1] == "occurrence.skipped"

    tasks.resume(task, actor=SYSTEM)
    assert not Run.objects.exists()
    assert len(publish(owner).runs) == 1


def test_the_last_of_max_occurrences_completes_the_task() -> None:
    owner = make_agent()
    task = listening(owner, max_occurrences=2)

    assert [len(publish(owner).runs) for _ in range(3)] == [1, 1, 0]

    task.refresh_from_db()
    assert (task.status, task.occurrences) == ("completed", 2)
    assert events_of(task) == ["task.created", "task.completed"]


def test_before_starts_at_an_event_leaves_no_trace() -> None:
    owner = make_agent()
    task = listening(owner, starts_at=database_now() + DAY)

    assert publish(owner).runs == ()
    assert ledger(task) == []


def test_a_holiday_withholds_the_run() -> None:
    owner = make_agent()
    today = database_now().date().isoformat()
    days = {"dates": [today]}
    calendar = Calendar.objects.create(name="off", created_by=owner, definition=days)
    task = listening(owner, calendar=calendar)

    assert publish(owner).runs == ()
    assert ledger(task) == ["holiday"]


def test_in_quiet_hours_every_run_waits_for_their_end() -> None:
    owner = make_agent()
    now = database_now()
    begin, end = now - timedelta(hours=1), now + timedelta(hours=2)
    listening(owner, quiet_hours=[{"from": f"{begin:%H:%M}", "to": f"{end:%H:%M}"}])

    publish(owner)
    publish(owner)

    waiting = Run.objects.values_list("state", "waiting_for", "run_at")
    assert list(waiting) == [("waiting", "start", end.replace(second=0, microsecond=0))] * 2


def test_an_event_while_the_last_ones_run_goes_on_follows_the_overlap_policy() -> None:
    owner = make_agent()
    skipping = listening(owner, overlap_policy="skip")
    queueing = listening(owner, overlap_policy="queue_one")
    newest = listening(owner, overlap_policy="cancel_running")

    publish(owner)
    publish(owner)

    assert (Run.objects.filter(task=skipping).count(), ledger(skipping)) == (1, ["overlap"])
    assert set(Run.objects.filter(task=queueing).values_list("state", "waiting_for")) == {
        ("queued", ""),
        ("waiting", "turn"),
    }
    states = Run.objects.filter(task=newest).order_by("scheduled_for").values_list("state", flat=True)
    assert list(states) == ["canceled", "queued"]


def test_a_run_under_the_same_dedupe_key_stands_for_a_second_one() -> None:
    owner = make_agent()
    task = listening(owner, dedupe_key="paid")

    assert [len(publish(owner).runs) for _ in range(2)] == [1, 0]
    assert ledger(task) == ["deduplicated"]


def test_the_owners_budget_of_the_day_bounds_the_runs() -> None:
    owner = make_agent()
    Agent.objects.filter(pk=owner.pk).update(runs_per_day=1)
    task = listening(owner)

    assert [len(publish(owner).runs) for _ in range(2)] == [1, 0]
    assert ledger(task) == ["budget"]


def test_a_task_whose_fields_no_longer_make_sense_is_paused_and_the_others_run() -> None:
    owner = make_agent()
    broken, sound = listening(owner), listening(owner)
    Task.objects.filter(pk=broken.pk).update(timezone="Mars/Olympus_Mons")

    publish(owner)

    assert list(Run.objects.values_list("task", flat=True)) == [sound.pk]
    broken.refresh_from_db()
    assert broken.status == "paused"


@pytest.mark.parametrize(
    ("topic", "payload", "pointer", "cure"),
    [
        ("Orders.Paid", {}, "/topic", "write 'orders.paid'"),
        ("orders.*", {}, "/topic", "a * stands alone"),
        ("orders", {"a": {"b": "\0"}}, "/payload/a/b", "NUL"),
        ("orders", {"a": "x" * 256_001}, "/payload", "larger than 256 kB"),
        ("orders", {"a": 2**64}, "/payload/a", "64 bits"),
    ],
)
def test_what_cannot_be_published_is_named_with_the_cure(
    topic: str, payload: dict[str, Any], pointer: str, cure: str
) -> None:
    [(place, message)] = refusal(lambda: events.publish(make_agent(), topic, payload, actor=SYSTEM))

    assert place == pointer
    assert cure in message
    assert not told()


def test_topic_and_payload_are_judged_together() -> None:
    assert [place for place, _ in refusal(lambda: events.publish(make_agent(), "", {"a": "\0"}, actor=SYSTEM))] == [
        "/topic",
        "/payload/a",
    ]


def test_an_event_that_more_than_eight_others_led_to_is_refused() -> None:
    owner = make_agent()
    listening(owner)

    published = events.publish(owner, "orders.paid", {}, actor=SYSTEM, causation=8)
    assert published.event.causation == 8
    assert Run.objects.get(pk=published.runs[0]).input["causation"] == 8
    with pytest.raises(IllegalMove, match="set each other off"):
        events.publish(owner, "orders.paid", {}, actor=SYSTEM, causation=9)


def test_a_payload_may_use_any_name() -> None:
    owner = make_agent()
    payload = {"agent": 1, "subject": 2, "event_type": 3, "causation": 4, "topic": 5}

    events.publish(owner, "orders.paid", payload, actor=SYSTEM)

    assert the_event("external.orders.paid").data == payload


@pytest.mark.parametrize(
    ("fields", "pointer", "cure"),
    [
        ({"schedule_expr": "Orders"}, "/schedule_expr", "write 'orders'"),
        ({"schedule_expr": ""}, "/schedule_expr", "write orders.paid"),
        ({"calendar_policy": "next_business_day"}, "/calendar_policy", "takes exclude"),
        ({"probe": {"uses": "noop"}}, "/probe", "return it to null"),
        ({"poll_seconds": 5}, "/poll_seconds", "return it to 60"),
        ({"cooldown_seconds": 5}, "/cooldown_seconds", "return it to 0"),
        ({"ends_at": database_now}, "/ends_at", "has passed"),
    ],
)
def test_what_does_not_go_with_an_event_is_refused(fields: dict[str, Any], pointer: str, cure: str) -> None:
    made = {name: value() if callable(value) else value for name, value in fields.items()}

    [(place, message)] = refusal(lambda: listening(make_agent(), **made))

    assert place == pointer
    assert cure in message


def test_another_kind_gives_up_what_a_condition_alone_has() -> None:
    owner = make_agent()

    task = listening(owner)
    changed = tasks.update_task(task, actor=SYSTEM, changes={"schedule_kind": "cron", "schedule_expr": "0 9 * * *"})

    assert changed.next_run_at is not None
    assert publish(owner).runs == ()
