"""One noun a file: its fields, constraints, indexes and querysets."""

from tasks_app.models.agent import Agent
from tasks_app.models.announcement import Announcement
from tasks_app.models.attempt import Attempt
from tasks_app.models.audit_entry import AuditEntry
from tasks_app.models.audit_link import AuditLink
from tasks_app.models.calendar import Calendar
from tasks_app.models.census import Census
from tasks_app.models.consumer_position import ConsumerPosition
from tasks_app.models.dead_letter import DeadLetter
from tasks_app.models.deed import Deed
from tasks_app.models.definition import TaskDefinition
from tasks_app.models.destination import CallTally, Destination, PostponedCall, RateLine
from tasks_app.models.duty_round import DutyRound
from tasks_app.models.event import Event
from tasks_app.models.event_wait import EventWait
from tasks_app.models.hook import Hook, HookReceipt
from tasks_app.models.kept_answer import KeptAnswer
from tasks_app.models.operator_identity import OperatorIdentity
from tasks_app.models.outbox_entry import OutboxEntry
from tasks_app.models.planning_rules import PlanningRules
from tasks_app.models.remembered_step import RememberedStep
from tasks_app.models.run import Run
from tasks_app.models.secret import Secret
from tasks_app.models.skipped_occurrence import SkippedOccurrence
from tasks_app.models.spending import Spending
from tasks_app.models.step_log import RecordedStep, Step, StepLog
from tasks_app.models.task import Task
from tasks_app.models.token_family import TokenFamily
from tasks_app.models.tool import CatalogueStamp, Tool, ToolVersion
from tasks_app.models.webhook import Webhook, WebhookDelivery
from tasks_app.models.worker import Worker

__all__ = [
    "Agent",
    "Announcement",
    "Attempt",
    "AuditEntry",
    "AuditLink",
    "Calendar",
    "CallTally",
    "CatalogueStamp",
    "Census",
    "ConsumerPosition",
    "DeadLetter",
    "Deed",
    "Destination",
    "DutyRound",
    "Event",
    "EventWait",
    "Hook",
    "HookReceipt",
    "KeptAnswer",
    "OperatorIdentity",
    "OutboxEntry",
    "PlanningRules",
    "PostponedCall",
    "RateLine",
    "RecordedStep",
    "RememberedStep",
    "Run",
    "Secret",
    "SkippedOccurrence",
    "Spending",
    "Step",
    "StepLog",
    "Task",
    "TaskDefinition",
    "TokenFamily",
    "Tool",
    "ToolVersion",
    "Webhook",
    "WebhookDelivery",
    "Worker",
]
