"""Every move of a webhook while it is delivered: one guarded statement, whose WHERE names the term of the lease.

A process that was too slow, and a webhook that was changed, switched off or deleted meanwhile, change no row: the mover
is told so. Time is the database's.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Greatest, Now

from tasks_app.events.choice import Choice
from tasks_app.models import Event, Webhook, WebhookDelivery
from tasks_app.models.clock import database_now
from tasks_app.services.signing import sealed_of
from tasks_app.states import DeliveryState

LEASE: Final = timedelta(seconds=30)


class WebhookLost(Exception):
    """Another process delivers it by now, or it was changed."""


@dataclass(frozen=True)
class Hold:
    """Proof that a thread is the one that delivers a webhook, and what it needs for that."""

    webhook: UUID
    term: int
    url: str
    sealed: tuple[str, ...] = field(repr=False)  # the newest first
    choice: Choice


@dataclass(frozen=True)
class Outcome:
    """What one try came to. status: that was answered, None without an answer; error: empty when it was taken."""

    status: int | None
    error: str
    duration_ms: int
    retry_after: float | None = None


@transaction.atomic
def claim(*, limit: int) -> list[Hold]:
    """Take up to `limit` webhooks for which there is something to send now, and that nobody delivers."""
    asked = WebhookDelivery.objects.filter(webhook=OuterRef("pk")).exclude(replay_asked_at=None)
    due = Webhook.objects.deliverable().free().filter(Exists(asked) | Q(wanted_pos__gt=F("pos"), next_at__lte=Now()))
    chosen = due.select_related("agent").order_by("next_at", "id").select_for_update(skip_locked=True, of=("self",))
    taken = list(chosen[:limit])
    Webhook.objects.filter(pk__in=[each.pk for each in taken]).update(term=F("term") + 1, lease_until=Now() + LEASE)
    now = database_now()
    return [_hold_of(each, now=now) for each in taken]


def renew(hold: Hold) -> Hold:
    """Hold it for another lease, with what its agent may see by now.

    Raises `WebhookLost`, also when the agent may not read events any more.
    """
    webhook = Webhook.objects.deliverable().select_related("agent").filter(pk=hold.webhook).first()
    if webhook is None:
        raise WebhookLost(f"webhook {hold.webhook} is not ours to deliver any more")
    _write(hold, lease_until=Now() + LEASE)
    return replace(hold, choice=_choice_of(webhook))


def release(hold: Hold, *, rest: timedelta) -> None:
    """Let another process take it, after `rest` where that is not zero; nothing when one has already."""
    held = Webhook.objects.filter(pk=hold.webhook, term=hold.term)
    held.update(lease_until=Now() + rest if rest else None)


def place(hold: Hold) -> tuple[int, int, bool]:
    """Up to where it is delivered, up to where events are known, and whether the next may be tried now."""
    row = (
        Webhook.objects.filter(pk=hold.webhook, term=hold.term, active=True)
        .values("pos", "wanted_pos", "next_at")
        .first()
    )
    if row is None:
        raise WebhookLost(f"webhook {hold.webhook} is not ours to deliver any more")
    return row["pos"], row["wanted_pos"], row["next_at"] <= database_now()


def advance(hold: Hold, *, pos: int, to: int, missed: int = 0) -> None:
    """Move over events that were not wanted, or that nobody keeps any more: so many were `missed`. Raises `WebhookLost`."""
    _write(hold, at=pos, pos=to, wanted_pos=Greatest(F("wanted_pos"), to), missed=F("missed") + missed)


@transaction.atomic
def delivered(hold: Hold, event: Event, outcome: Outcome, *, pos: int) -> None:
    """Note that the event was taken, and move on behind it. Raises `WebhookLost`."""
    to = Greatest(F("wanted_pos"), event.pos)
    _write(hold, at=pos, pos=event.pos, wanted_pos=to, failures=0, failing_since=None, next_at=Now())
    _log(hold, event, outcome, state=DeliveryState.DELIVERED)


@transaction.atomic
def failed(hold: Hold, event: Event, outcome: Outcome, *, pos: int, delay: timedelta) -> tuple[int, datetime]:
    """Note that the event was not taken, and try it again after `delay`; how many failures there are now, and since when.

    Raises `WebhookLost`.
    """
    since = Coalesce(F("failing_since"), Now())
    _write(hold, at=pos, failures=F("failures") + 1, failing_since=since, next_at=Now() + delay)
    _log(hold, event, outcome, state=DeliveryState.RETRYING)
    found = Webhook.objects.values_list("failures", "failing_since").get(pk=hold.webhook)
    assert found[1] is not None
    return found[0], found[1]


def failures(hold: Hold) -> int:
    return Webhook.objects.values_list("failures", flat=True).get(pk=hold.webhook)


def next_replay(hold: Hold) -> WebhookDelivery | None:
    """The oldest delivery that somebody wants once more."""
    asked = WebhookDelivery.objects.filter(webhook=hold.webhook).exclude(replay_asked_at=None)
    return asked.order_by("replay_asked_at").first()


def forget_replay(delivery: WebhookDelivery) -> None:
    """Take the wish off it, unless it was asked for again meanwhile."""
    asked = WebhookDelivery.objects.filter(pk=delivery.pk, replay_asked_at=delivery.replay_asked_at)
    asked.update(replay_asked_at=None)


@transaction.atomic
def replayed(hold: Hold, delivery: WebhookDelivery, event: Event, outcome: Outcome) -> None:
    """Note what sending an event once more came to; it is not tried again by itself."""
    forget_replay(delivery)
    _log(hold, event, outcome, state=DeliveryState.FAILED if outcome.error else DeliveryState.DELIVERED)


def _hold_of(webhook: Webhook, *, now: datetime) -> Hold:
    url = webhook.url or webhook.agent.webhook_url
    return Hold(webhook.pk, webhook.term + 1, url, sealed_of(webhook, now=now), _choice_of(webhook))


def _choice_of(webhook: Webhook) -> Choice:
    return Choice(agent=None if webhook.agent.is_admin else webhook.agent_id, types=frozenset(webhook.event_types))


def _write(hold: Hold, *, at: int | None = None, **changes: Any) -> None:
    held = Webhook.objects.filter(pk=hold.webhook, term=hold.term, active=True)
    if at is not None:
        held = held.filter(pos=at)
    if not held.update(**changes):
        raise WebhookLost(f"webhook {hold.webhook} is not ours to deliver any more")


def _log(hold: Hold, event: Event, outcome: Outcome, *, state: DeliveryState) -> None:
    told = {"event_id": event.id, "event_type": event.type, "state": state}
    entry, _ = WebhookDelivery.objects.get_or_create(webhook_id=hold.webhook, pos=event.pos, defaults=told)
    WebhookDelivery.objects.filter(pk=entry.pk).update(
        state=state,
        attempts=F("attempts") + 1,
        status=outcome.status,
        error=outcome.error,
        duration_ms=outcome.duration_ms,
        at=Now(),
    )
