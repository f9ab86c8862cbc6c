"""The form of a task, in front of the services that make and change one."""

import json
from typing import Any

from django import forms
from django.forms.fields import InvalidJSONInput
from unfold.widgets import UnfoldAdminTextareaWidget

from tasks_app.admin.asking import AskingForm
from tasks_app.conf import conf
from tasks_app.models import Agent, Task
from tasks_app.services import tasks

_EXAMPLE = {"params": {}, "pipeline": [{"id": "hello", "uses": "debug.echo", "with": {"message": "Hello"}}]}


class IndentedJSONField(forms.JSONField):
    """JSON for eyes: what is being edited is indented."""

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, InvalidJSONInput) else json.dumps(value, indent=2, ensure_ascii=False)


class TaskForm(AskingForm):
    class Meta:
        model = Task
        fields = [*sorted(tasks.WRITABLE), "created_by"]
        labels = {"created_by": "Owner", "schedule_expr": "Schedule", "schedule_kind": "Kind", "dtstart": "Start"}
        widgets = {"description": UnfoldAdminTextareaWidget({"rows": 2})}
        help_texts = {
            "created_by": "The agent whose task this is; it cannot be changed later.",
            "schedule_expr": "An RRULE, five cron fields, an ISO 8601 duration or an ISO 8601 instant, by the kind above.",
            "timezone": "An IANA name, such as Europe/Berlin.",
            "payload": 'The parameters and the steps: {"params": {...}, "pipeline": [...]}.',
            "priority": "1 to 9; 9 is the most urgent.",
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
        wanted = {name: value for name, value in values.items() if name in tasks.WRITABLE}
        if not self._is_new:
            return tasks.update_task(self.instance, actor=self.actor, changes=wanted)
        owner: Agent = values["created_by"]
        return tasks.create_task(owner, actor=self.actor, **wanted)
