"""Nineteen more of everything that is in the world, so that lists are long and what is nested is many."""

from datetime import UTC, datetime, timedelta

from tasks_app import queue
from tasks_app.destinations import permits
from tasks_app.models import Agent, SkippedOccurrence, Task, Webhook, WebhookDelivery
from tasks_app.models.ids import new_id
from tasks_app.services import calendars, events, hooks, secrets, tools
from tasks_app.services.actor import SYSTEM, Actor
from tests.bringing import bring
from tests.integration.api.making import make_task
from tests.integration.api.world import CALENDAR, HOOK, World
from tests.integration.destinations.making import RULES, call_to, opened
from tests.making import claim_one, make_agent, make_run, step

MORE = 19


def join(world: World) -> None:
    """Beside each row of the world, and below it, so many more."""
    task = Task.objects.get(pk=world.rows["<uuid:task>"])
    webhook = Webhook.objects.get(pk=world.rows["<uuid:webhook>"])
    for number in range(MORE):
        make_agent()
        _of_tasks(task, number)
        _of_alices(world.alice, number)
        _of_tools(world.rows["<str:address>"], number)
        _of_webhooks(webhook, number)


def _of_tasks(task: Task, number: int) -> None:
    make_run(make_task(task.created_by))
    make_task(task.created_by, schedule_kind="event", schedule_expr=f"topic.t{number}")
    make_run(task, priority=9)
    queue.apply(queue.succeed(claim_one().lease, steps=[step(f"s{nth}") for nth in range(number)]))
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    SkippedOccurrence.objects.create(task=task, scheduled_for=at, reason="coalesced")


def _of_alices(alice: Agent, number: int) -> None:
    calendars.create_calendar(alice, actor=SYSTEM, **CALENDAR | {"name": f"holidays {number}"})
    hooks.create_hook(alice, actor=SYSTEM, **HOOK | {"name": f"Our code {number}"})
    secrets.put_secret(f"key{number}", value="v", hosts=["example.org"], owner=alice, actor=SYSTEM)
    events.publish(alice, f"topic.t{number}", {}, actor=Actor.of_agent(alice))
    destination = f"http.request h{number}.example.org:443"
    opened(destination, cooled=False)
    permits.ask(call_to(destination, agent=alice.pk), rules=RULES)


def _of_tools(address: str, number: int) -> None:
    bring(address=f"weather.of{number}")
    tools.update_tool(address, actor=SYSTEM, changes={"description": f"Version {number}"})


def _of_webhooks(webhook: Webhook, number: int) -> None:
    pos = 2_000_000 + number
    WebhookDelivery.objects.create(
        webhook=webhook, pos=pos, event_id=new_id(), event_type="run.failed", state="delivered"
    )
    webhook.pk, webhook._state.adding = new_id(), True  # a copy: services let an agent have a few
    webhook.save()
    webhook.pk = WebhookDelivery.objects.get(pos=pos).webhook_id
