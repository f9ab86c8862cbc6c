"""The database refuses rows that mean nothing, whatever code may try to write them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from tasks_app import queue
from tasks_app.models import (
    Agent,
    Attempt,
    Calendar,
    CallTally,
    CatalogueStamp,
    ConsumerPosition,
    DeadLetter,
    Destination,
    EventWait,
    Hook,
    HookReceipt,
    OperatorIdentity,
    OutboxEntry,
    PlanningRules,
    Run,
    Secret,
    SkippedOccurrence,
    Task,
    TokenFamily,
    Tool,
    Webhook,
    WebhookDelivery,
    Worker,
)
from tests.making import claim_one, make_run, make_task, step

pytestmark = pytest.mark.django_db

NOW = timezone.now()

# constraint, the row it is tried on, what is written into it
NONSENSE: list[tuple[str, str, dict[str, Any]]] = [
    ("agent_has_name", "agent", {"name": ""}),
    ("agent_has_secret", "agent", {"secret_hash": ""}),
    ("task_has_title", "task", {"title": ""}),
    ("task_status_known", "task", {"status": "tired"}),
    ("task_kind_known", "task", {"schedule_kind": "lunar"}),
    ("task_mode_known", "task", {"mode": "dream"}),
    ("task_backoff_known", "task", {"backoff_strategy": "hope"}),
    ("task_priority_1_to_9", "task", {"priority": 0}),
    ("task_priority_1_to_9", "task", {"priority": 10}),
    ("task_retries_0_to_10", "task", {"max_retries": 11}),
    ("task_ended_plans_nothing", "task", {"status": "canceled", "next_run_at": NOW}),
    ("task_ended_plans_nothing", "task", {"status": "completed", "next_run_at": NOW}),
    ("task_ended_plans_nothing", "task", {"deleted_at": NOW, "next_run_at": NOW}),
    ("task_policies_known", "task", {"misfire_policy": "panic"}),
    ("task_policies_known", "task", {"overlap_policy": "panic"}),
    ("task_policies_known", "task", {"calendar_policy": "panic"}),
    ("calendar_has_name", "calendar", {"name": ""}),
    ("calendar_one_a_name", "calendar twin", {"name": "One"}),
    ("planning_rules_one_row", "rules", {"id": 2}),
    ("run_state_known", "queued", {"state": "tired"}),
    ("run_running_means_leased", "running", {"lease_until": None}),
    ("run_running_means_leased", "queued", {"lease_until": NOW}),
    ("run_waiting_says_for_what", "queued", {"state": "waiting"}),
    ("run_waiting_says_for_what", "queued", {"state": "waiting", "waiting_for": "godot"}),
    ("run_waiting_says_for_what", "queued", {"waiting_for": "retry"}),
    ("run_finished_has_time", "queued", {"state": "canceled"}),
    ("run_finished_has_time", "queued", {"finished_at": NOW}),
    ("run_claimed_has_started", "running", {"started_at": None}),
    ("run_claimed_has_started", "running", {"claimed_at": None}),
    ("run_claimed_has_started", "running", {"worker": ""}),
    ("run_claimed_has_started", "queued", {"worker": "ghost"}),
    ("run_claimed_has_started", "queued", {"started_at": NOW}),
    ("run_turn_needs_lane", "queued", {"takes_turn": True}),
    ("run_fence_counts_claims", "running", {"fence": 0}),
    ("attempt_outcome_known", "attempt", {"outcome": "tired"}),
    ("skipped_reason_known", "skipped", {"reason": "boredom"}),
    ("skipped_once_an_instant", "skipped twin", {"scheduled_for": NOW}),
    ("run_once_an_instant", "queued twin", {"scheduled_for": NOW}),
    ("wait_taken_has_event", "wait", {"taken": True}),
    ("entry_order_in_aggregate", "event", {"seq": 1}),
    ("entry_one_a_position", "event", {"pos": 1}),
    ("entry_has_events", "event", {"size": 0}),
    ("consumer_has_group", "consumer", {"group": ""}),
    ("consumer_pos_not_negative", "consumer", {"pos": -1}),
    ("dead_letter_once_a_group", "letter twin", {"event_id": UUID(int=1)}),
    ("destination_state_known", "destination", {"state": "moody"}),
    ("destination_open_has_times", "destination", {"state": "open"}),
    ("destination_open_has_times", "destination", {"next_trial_at": NOW}),
    ("destination_recovers_since", "destination", {"recovering_since": NOW}),
    ("destination_returns", "destination", {"return_rate": 0}),
    ("tally_in_its_slot", "tally", {"number": 8}),
    ("worker_state_known", "worker", {"state": "moody"}),
    ("tool_approval_known", "tool", {"approval": "perhaps"}),
    ("tool_has_time", "tool", {"timeout_seconds": 0}),
    ("catalogue_stamp_one_row", "stamp", {"id": 2}),
    ("secret_has_name", "secret", {"name": ""}),
    ("secret_one_a_name", "secret", {"name": "two"}),
    ("agent_old_secret_ends", "agent", {"old_secret_hash": "x"}),
    ("token_family_refreshed_after_first", "login", {"generation": 2}),
    ("hook_has_name", "hook", {"name": ""}),
    ("hook_has_topic", "hook", {"topic": ""}),
    ("hook_old_secret_ends", "hook", {"old_sealed": "x"}),
    ("receipt_once", "receipt twin", {"key": "one"}),
    ("webhook_pos_in_order", "webhook", {"pos": 2}),
    ("webhook_failing_since", "webhook", {"failures": 1}),
    ("webhook_old_secret_ends", "webhook", {"old_secret_until": NOW}),
    ("delivery_one_an_event", "delivery twin", {"pos": 1}),
    ("identity_once", "identity twin", {"subject": "one"}),
]


@pytest.fixture
def rows() -> dict[str, models.QuerySet[Any]]:
    """One row of each kind, as it should be."""
    task = make_task()
    make_run(task)
    ended = claim_one()
    queue.apply(queue.release(ended.lease))
    ended = claim_one()
    queue.apply(queue.succeed(ended.lease, steps=[step()]))
    running = make_run(task)
    claim_one()
    make_run(task, scheduled_for=NOW)
    twin, queued = make_run(task), make_run()
    SkippedOccurrence.objects.create(task=task, scheduled_for=NOW, reason="paused")
    skipped = SkippedOccurrence.objects.create(task=task, scheduled_for=NOW - timedelta(days=1), reason="paused")
    first, second = OutboxEntry.objects.filter(aggregate_id=ended.id).order_by("seq")[:2]
    OutboxEntry.objects.filter(pk=first.pk).update(pos=1)
    Calendar.objects.create(name="One", created_by=task.created_by, definition={})
    other = Calendar.objects.create(name="Two", created_by=task.created_by, definition={})
    PlanningRules.objects.create(version="tzdata 2026.1")
    EventWait.objects.create(run_id=queued.pk, step="one", agent=task.created_by_id, pattern="*")
    ConsumerPosition.objects.create(group="readers")
    destination = Destination.objects.create(name="http.request api.example.org:443")
    CallTally.objects.create(destination=destination, slot=1, number=7)
    Worker.objects.create(name="host:1:word", host="host", pid=1, threads=1)
    Tool.objects.create(address="weather.forecast", transport="http")
    CatalogueStamp.objects.renew()
    secret = Secret.objects.create(name="one", hosts=["example.org"], sealed="x", key_id="k")
    Secret.objects.create(name="two", hosts=["example.org"], sealed="x", key_id="k")
    login = TokenFamily.objects.create(agent=task.created_by, expires_at=NOW)
    hook = Hook.objects.create(agent=task.created_by, name="code", topic="code", preset="github", token_hash="x")
    HookReceipt.objects.create(hook=hook, key="one")
    webhook = Webhook.objects.create(agent=task.created_by, event_types=["run.failed"], pos=1, wanted_pos=1)
    told = {"webhook": webhook, "event_id": UUID(int=1), "event_type": "run.failed", "state": "delivered"}
    WebhookDelivery.objects.create(pos=1, **told)
    for number, subject in enumerate(("one", "two")):
        operator = User.objects.create(username=subject)
        OperatorIdentity.objects.create(id=UUID(int=number), issuer="i", subject=subject, user=operator)
    letter = {"group": "readers", "event_type": "x", "event": {}, "error_class": "E", "deliveries": 5}
    DeadLetter.objects.create(pos=1, event_id=UUID(int=1), **letter)
    twin_letter = DeadLetter.objects.create(pos=2, event_id=UUID(int=2), **letter)
    return {
        "login": TokenFamily.objects.filter(pk=login.pk),
        "hook": Hook.objects.filter(pk=hook.pk),
        "receipt twin": HookReceipt.objects.filter(pk=HookReceipt.objects.create(hook=hook, key="two").pk),
        "webhook": Webhook.objects.filter(pk=webhook.pk),
        "delivery twin": WebhookDelivery.objects.filter(pk=WebhookDelivery.objects.create(pos=2, **told).pk),
        "identity twin": OperatorIdentity.objects.filter(subject="two"),
        "consumer": ConsumerPosition.objects.all(),
        "letter twin": DeadLetter.objects.filter(pk=twin_letter.pk),
        "destination": Destination.objects.all(),
        "tally": CallTally.objects.all(),
        "worker": Worker.objects.all(),
        "tool": Tool.objects.all(),
        "stamp": CatalogueStamp.objects.all(),
        "secret": Secret.objects.filter(pk=secret.pk),
        "wait": EventWait.objects.all(),
        "calendar": Calendar.objects.filter(pk=other.pk),
        "calendar twin": Calendar.objects.filter(pk=other.pk),
        "rules": PlanningRules.objects.all(),
        "agent": Agent.objects.filter(pk=task.created_by_id),
        "task": Task.objects.filter(pk=task.pk),
        "queued": Run.objects.filter(pk=queued.pk),
        "queued twin": Run.objects.filter(pk=twin.pk),
        "running": Run.objects.filter(pk=running.pk),
        "attempt": Attempt.objects.filter(run_id=ended.id),
        "skipped": SkippedOccurrence.objects.filter(pk=skipped.pk),
        "skipped twin": SkippedOccurrence.objects.filter(pk=skipped.pk),
        "event": OutboxEntry.objects.filter(pk=second.pk),
    }


@pytest.mark.parametrize(
    ("constraint", "kind", "nonsense"), NONSENSE, ids=[f"{c} {k} {n}"[:70] for c, k, n in NONSENSE]
)
def test_nonsense_is_refused_by_its_constraint(
    rows: dict[str, models.QuerySet[Any]], constraint: str, kind: str, nonsense: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        rows[kind].update(**nonsense)

    diagnosis: Any = refused.value.__cause__
    assert diagnosis.diag.constraint_name == constraint


def test_every_constraint_is_seen_refusing_something() -> None:
    declared = {
        constraint.name for model in apps.get_app_config("tasks").get_models() for constraint in model._meta.constraints
    }

    assert declared == {constraint for constraint, _, _ in NONSENSE}
