"""Webhooks: where agents are sent their events, how that goes, and the wish to have one sent again or to end it."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.safestring import SafeString

from tasks_app.admin.appearance import badge, column, in_utc
from tasks_app.admin.asking import ask_for_each
from tasks_app.admin.reading import ChoiceFilter, LongListAdmin, ReadOnlyAdmin
from tasks_app.models import Webhook, WebhookDelivery
from tasks_app.services import webhooks
from tasks_app.services.actor import Actor
from tasks_app.states import DeliveryState


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    """Of an address its host alone is shown: a path may hold what proves who sends."""

    list_display = ["host", "agent", "types_text", "active", "failures", "failing", "missed"]
    list_filter = ["active"]
    list_select_related = ["agent"]
    search_fields = ["agent__name"]
    list_per_page = 50
    actions = ["enable", "disable", "remove"]
    fields = [
        "host", "agent", "types_text", "active", "disabled_reason", "failures", "failing", "next_try", "pos", "wanted_pos",
        "missed", "old_secret", "created",
    ]  # fmt: skip
    readonly_fields = ["host", "types_text", "failing", "next_try", "pos", "wanted_pos", "old_secret", "created"]

    @admin.action(description="Switch on", permissions=["ask"])
    def enable(self, request: HttpRequest, queryset: models.QuerySet[Webhook]) -> None:
        ask_for_each(self, request, queryset, _enable, done="switched on")

    @admin.action(description="Switch off", permissions=["ask"])
    def disable(self, request: HttpRequest, queryset: models.QuerySet[Webhook]) -> None:
        ask_for_each(self, request, queryset, _disable, done="switched off")

    @admin.action(description="Delete", permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: models.QuerySet[Webhook]) -> None:
        ask_for_each(self, request, queryset, webhooks.delete_webhook, done="deleted")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("tasks.delete_webhook"))

    @column("Host")
    def host(self, webhook: Webhook) -> str:
        return urlsplit(webhook.url or webhook.agent.webhook_url).hostname or "none"

    @column("Types")
    def types_text(self, webhook: Webhook) -> str:
        return ", ".join(webhook.event_types)

    @column("Failing since (UTC)")
    def failing(self, webhook: Webhook) -> str | None:
        return in_utc(webhook.failing_since)

    @column("Next try (UTC)")
    def next_try(self, webhook: Webhook) -> str | None:
        return in_utc(webhook.next_at)

    @column("Old secret until (UTC)")
    def old_secret(self, webhook: Webhook) -> str | None:
        return in_utc(webhook.old_secret_until)

    @column("Created (UTC)")
    def created(self, webhook: Webhook) -> str | None:
        return in_utc(webhook.created_at)


class StateFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"
    choices_of = DeliveryState


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(LongListAdmin):
    list_display = [
        "event_type",
        "webhook",
        "pos",
        "state_label",
        "attempts",
        "status",
        "duration_ms",
        "moment",
        "asked",
    ]
    list_filter = [StateFilter]
    list_select_related = ["webhook__agent"]
    search_fields = ["=event_type"]
    search_help_text = "The id of an event, a webhook or a delivery, or exactly a type of event"
    id_fields = ["id", "event_id", "webhook_id"]
    actions = ["replay"]
    fields = [
        "event_type", "event_id", "webhook", "pos", "state_label", "attempts", "status", "error", "duration_ms", "moment",
        "asked",
    ]  # fmt: skip
    readonly_fields = ["state_label", "moment", "asked"]

    @admin.action(description="Send once more", permissions=["ask"])
    def replay(self, request: HttpRequest, queryset: models.QuerySet[WebhookDelivery]) -> None:
        found = queryset.select_related("webhook")
        ask_for_each(self, request, found, webhooks.ask_replay, done="will be sent once more")

    @column("State")
    def state_label(self, delivery: WebhookDelivery) -> SafeString | None:
        return badge(delivery.state)

    @column("Last try (UTC)")
    def moment(self, delivery: WebhookDelivery) -> str | None:
        return in_utc(delivery.at)

    @column("Asked for since (UTC)")
    def asked(self, delivery: WebhookDelivery) -> str | None:
        return in_utc(delivery.replay_asked_at)


def _enable(webhook: Webhook, *, actor: Actor) -> Any:
    return webhooks.update_webhook(webhook, actor=actor, changes={"active": True})


def _disable(webhook: Webhook, *, actor: Actor) -> Any:
    return webhooks.update_webhook(webhook, actor=actor, changes={"active": False})
