"""The form of a task, in front of the services that make and change one."""

import json
from typing import Any

from django import forms
from django.forms.fields import InvalidJSONInput
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from pipelines.values import MAX_BYTES, UnfitValue, spend
from tasks_app.admin.asking import AskingForm
from tasks_app.conf import conf
from tasks_app.models import Agent, Task
from tasks_app.services import preview, tasks

_EXAMPLE = {"params": {}, "pipeline": [{"id": "hello", "uses": "debug.echo", "with": {"message": "Hello"}}]}


class Storable(json.JSONDecoder):
    """What it refuses as no JSON: a value that nothing could keep, such as a text with NUL, or that is nested too deep."""

    def decode(self, s: str, *args: Any) -> Any:
        try:
            value = super().decode(s, *args)
            spend(value, MAX_BYTES)
        except (UnfitValue, RecursionError) as unfit:
            raise json.JSONDecodeError(str(unfit), s, 0) from unfit
        return value


class StorableJSONField(forms.JSONField):
    default_error_messages = {
        "invalid": "Write JSON, without NUL and half surrogate pairs in its texts, and nested at most 32 levels deep."
    }

    def __init__(self, *, decoder: Any = None, **options: Any) -> None:
        super().__init__(decoder=decoder or Storable, **options)


class IndentedJSONField(StorableJSONField):
    """JSON for eyes: what is being edited is indented."""

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, InvalidJSONInput):
            return value
        return json.dumps(value, indent=2, ensure_ascii=False)


class QuietHoursField(StorableJSONField):
    """Windows on one line, being few and short; left empty there is none."""

    def clean(self, value: Any) -> Any:
        return super().clean(value) or []


class TaskForm(AskingForm):
    class Meta:
        model = Task
        fields = [*sorted(tasks.WRITABLE), "created_by"]
        field_classes = {"quiet_hours": QuietHoursField}
        labels = {
            "created_by": "Owner",
            "schedule_expr": "Schedule",
            "schedule_kind": "Kind",
            "dtstart": "Start",
            "starts_at": "Counts from (UTC)",
            "ends_at": "Counts until (UTC)",
            "max_occurrences": "Runs at most",
            "dst_policy": "DST policy",
            "catch_up_window_seconds": "Catch-up window (s)",
            "jitter_seconds": "Jitter (s)",
            "poll_seconds": "Look every (s)",
            "cooldown_seconds": "Cooldown (s)",
            "dedupe_window_seconds": "Dedupe window (s)",
            "retry_delay_seconds": "Retry delay (s)",
            "timeout_seconds": "Timeout (s)",
            "queue_timeout_seconds": "Queue timeout (s)",
            "calls_per_day": "Calls a day",
            "tokens_per_day": "Tokens a day",
            "microdollars_per_day": "Millionths of a dollar a day",
        }
        widgets = {
            "description": UnfoldAdminTextareaWidget({"rows": 2}),
            "schedule_expr": UnfoldAdminTextInputWidget({"class": "ordinaut-expr"}),
            "quiet_hours": UnfoldAdminTextareaWidget({"rows": 3}),
        }
        help_texts = {
            "created_by": "The agent whose task this is; it cannot be changed later.",
            "schedule_expr": "By the kind above: an RRULE, five cron fields, an ISO 8601 duration or instant, the topic of"
            " events (orders.*), an expression that becomes true.",
            "timezone": "An IANA name, such as Europe/Berlin.",
            "payload": 'The parameters and the steps: {"params": {...}, "pipeline": [...]}.',
            "priority": "1 to 9; 9 is the most urgent.",
            "dst_policy": "Words such as skip, both. Gaps: rfc, next_valid, skip. Folds: first, second, both.",
            "calendar_policy": "What becomes of an instant on one of the calendar's days.",
            "misfire_policy": "What becomes of instants that nothing looked at while they passed.",
            "catch_up_window_seconds": "Older missed instants are given up.",
            "overlap_policy": "What becomes of an instant while an earlier run goes on.",
            "jitter_seconds": "Runs begin up to so much later, each task always by the same part of it.",
            "quiet_hours": 'Local windows in which runs wait: [{"from": "22:00", "to": "07:00", "days": ["MO"]}].',
            "probe": 'Of a condition: the tool call whose output it looks at, {"uses": "http.request", "with": {...}}.',
            "cooldown_seconds": "Of a condition: so long after a run it makes no other.",
            "concurrency_key": "Runs under the same key, of all the owner's tasks, share the limit beside.",
            "dedupe_key": "A second run under the same key within the window is not made.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self._is_new:
            self.initial["timezone"] = self.initial.get("timezone") or conf().default_timezone
            self.initial["payload"] = self.initial.get("payload") or _EXAMPLE
            self.fields["dtstart"].required = False
            self.fields["dtstart"].help_text = "Left empty: the start of today. ISO 8601, local to the zone."

    @property
    def _is_new(self) -> bool:
        return "created_by" in self.fields  # read-only, and so no field, once there is a task

    def ask(self, values: dict[str, Any]) -> Task:
        wanted = _named_calendar({name: value for name, value in values.items() if name in tasks.WRITABLE})
        if not self._is_new:
            return tasks.update_task(self.instance, actor=self.actor, changes=wanted)
        owner: Agent = values["created_by"]
        return tasks.create_task(owner, actor=self.actor, **wanted)


class DraftForm(AskingForm):
    """The fields of a task's form that say when, as they are while it is being written: nothing is saved."""

    shown: preview.Preview | None = None

    class Meta(TaskForm.Meta):
        fields = [*sorted(preview.FIELDS), "created_by"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dtstart"].required = False
        if "created_by" in self.fields:  # it may be chosen last
            self.fields["created_by"].required = False

    def ask(self, values: dict[str, Any]) -> Task:
        """Keeps the preview in `shown`."""
        task: Task = self.instance
        is_new = "created_by" in self.fields
        owner: Agent | None = values["created_by"] if is_new else task.created_by
        if not is_new and not values["dtstart"]:
            values["dtstart"] = task.dtstart
        wanted = {name: value for name, value in values.items() if name in preview.FIELDS}
        self.shown = preview.preview(
            _named_calendar(wanted) if owner else wanted, seen_by=owner, task=None if is_new else task
        )
        return task


def faults_in(form: forms.BaseForm) -> list[str]:
    """A sentence for each fault, with the field that it is about."""
    return [
        f"{form.fields[name].label}: {message}" if name in form.fields else str(message)
        for name, messages in form.errors.items()
        for message in messages
    ]


def _named_calendar(values: dict[str, Any]) -> dict[str, Any]:
    """With the id of the calendar in its place: the service looks whether the owner may use it."""
    calendar = values.get("calendar")
    return {**values, "calendar": str(calendar.pk)} if calendar else values
