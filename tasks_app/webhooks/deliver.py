"""Deliver: send to each webhook what it wants, in order, without one of them keeping another waiting."""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import Error, connection, transaction
from prometheus_client import Counter

from pipelines.errors import ErrorClass, StepError
from pipelines.retries import LONGEST_DELAY, put_off, spread
from tasks_app import faults, vault
from tasks_app.conf import conf
from tasks_app.events import backlog, history
from tasks_app.models import Event
from tasks_app.models.clock import database_now
from tasks_app.outages import is_outage
from tasks_app.services import webhooks
from tasks_app.webhooks import moves, sending
from tasks_app.webhooks.moves import Hold, Outcome, WebhookLost

AT_ONCE: Final = 8  # webhooks that one process delivers at one time
TURN_SECONDS: Final = 20.0  # after which a webhook that has more gives its place to another
_LEAST_FAILURES: Final = 5  # a webhook is not switched off before
_LONGEST_REASON: Final = 500
_REST_AFTER_A_FAULT: Final = timedelta(seconds=60)  # of ours

logger = logging.getLogger(__name__)

_sent = Counter("orchestrator_webhook_deliveries_total", "Events sent to webhooks.", ["outcome"])


class Deliverers:
    """The threads of one process that deliver now."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    def round(self) -> dict[str, int]:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        free = AT_ONCE - len(self._threads)
        holds = moves.claim(limit=free) if free else []
        for hold in holds:
            thread = threading.Thread(target=_deliver_apart, args=[hold], name=f"webhook-{hold.webhook}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return {"webhooks": len(holds), "more": bool(holds) and len(holds) == free}


_deliverers: Final = Deliverers()


def run_once() -> dict[str, int]:
    return _deliverers.round()


def deliver(hold: Hold) -> int:
    """Send what it wants, until there is no more, one fails, or its turn is over; how many events were taken."""
    taken, until, rest = 0, time.monotonic() + TURN_SECONDS, timedelta(0)
    try:
        secrets = [vault.unseal(each) for each in hold.sealed]
        while _replay(hold, secrets):
            if time.monotonic() >= until:
                return taken
        while time.monotonic() < until:
            number, more = _next_portion(hold, secrets, until)
            taken += number
            if not more:
                break
    except (WebhookLost, Error):
        raise
    except Exception:
        rest = _REST_AFTER_A_FAULT
        raise
    finally:
        moves.release(hold, rest=rest)
    return taken


def _deliver_apart(hold: Hold) -> None:
    try:
        deliver(hold)
    except WebhookLost as lost:
        logger.info("%s", lost)
    except vault.NoKey as no_key:
        logger.warning("webhook %s cannot be signed: %s", hold.webhook, no_key)
    except Error as error:
        if not is_outage(error):
            logger.exception("webhook %s could not be delivered", hold.webhook)
        else:
            logger.warning("webhook %s waits for the database: %s", hold.webhook, error)
    except Exception:  # the edge: a fault of ours is this webhook's alone, and is tried again
        logger.exception("webhook %s could not be delivered", hold.webhook)
    finally:
        connection.close()


def _next_portion(hold: Hold, secrets: Sequence[str], until: float) -> tuple[int, bool]:
    """How many events were taken, and whether there may be more."""
    pos, wanted_pos, may_try = moves.place(hold)
    if pos >= wanted_pos or not may_try:
        return 0, False
    hold = moves.renew(hold)
    portion = backlog.read(hold.choice, after=pos, until=wanted_pos)
    if portion.pruned_to is not None:
        logger.error(
            "webhook %s was away too long: events up to %s are not kept any more", hold.webhook, portion.reached
        )
        moves.advance(hold, pos=pos, to=portion.reached, missed=portion.reached - pos)
        return 0, True
    taken = 0
    for event in portion.events:
        if time.monotonic() >= until:
            return taken, False
        hold = moves.renew(hold)
        if not hold.choice.takes(event):
            continue  # its agent was an admin when the portion was read
        if not _deliver_one(hold, event, secrets, pos=pos):
            return taken, False
        taken, pos = taken + 1, event.pos
    if portion.reached > pos:
        moves.advance(hold, pos=pos, to=portion.reached)
    return taken, True


def _deliver_one(hold: Hold, event: Event, secrets: Sequence[str], *, pos: int) -> bool:
    outcome = sending.send(hold.url, event, secrets=secrets)
    faults.hit("after_send")
    _sent.labels("failed" if outcome.error else "delivered").inc()
    if outcome.error:
        _note_failure(hold, event, outcome, pos=pos)
        return False
    moves.delivered(hold, event, outcome, pos=pos)
    return True


def _note_failure(hold: Hold, event: Event, outcome: Outcome, *, pos: int) -> None:
    """Try it again by the engine's back-off; switch the webhook off when that has gone on for too long."""
    error = StepError(ErrorClass.RETRYABLE, "webhook", outcome.error, outcome.retry_after)
    own = spread(min(2.0 ** min(moves.failures(hold), 20), LONGEST_DELAY))
    delay = timedelta(seconds=put_off(own, error, within_budget=True))
    with transaction.atomic():
        failures, since = moves.failed(hold, event, outcome, pos=pos, delay=delay)
        if failures >= _LEAST_FAILURES and database_now() - since >= conf().webhook_patience:
            reason = f"It has taken nothing since {since.isoformat(timespec='seconds')}, in {failures} tries: {outcome.error}"
            webhooks.switch_off(hold.webhook, reason[:_LONGEST_REASON])


def _replay(hold: Hold, secrets: Sequence[str]) -> bool:
    """Send once more what somebody asks for; whether there was anything."""
    hold = moves.renew(hold)
    delivery = moves.next_replay(hold)
    if delivery is None:
        return False
    found = [event for event in history.events(delivery.pos - 1, 1) if event.pos == delivery.pos]
    if found and hold.choice.sees(found[0]):
        moves.replayed(hold, delivery, found[0], sending.send(hold.url, found[0], secrets=secrets))
    else:
        moves.forget_replay(delivery)  # the event was pruned, or its agent is no admin any more, since it was asked for
    return True
