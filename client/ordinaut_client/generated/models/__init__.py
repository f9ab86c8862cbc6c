"""Contains all the data models used in inputs/outputs"""

from .action import Action
from .agent import Agent
from .agent_request import AgentRequest
from .agents_list_ordering import AgentsListOrdering
from .answer import Answer
from .approval_link import ApprovalLink
from .approval_request import ApprovalRequest
from .attempt import Attempt
from .attempt_outcome import AttemptOutcome
from .audit_entry import AuditEntry
from .audit_entry_details import AuditEntryDetails
from .auth_revoke_response_200 import AuthRevokeResponse200
from .backfill_overlap_policy import BackfillOverlapPolicy
from .backfill_request import BackfillRequest
from .backfilled import Backfilled
from .backoff_strategy import BackoffStrategy
from .blank import Blank
from .breaker import Breaker
from .breaker_state import BreakerState
from .breakers_list_state import BreakersListState
from .calendar import Calendar
from .calendar_change_request import CalendarChangeRequest
from .calendar_change_request_definition import CalendarChangeRequestDefinition
from .calendar_definition import CalendarDefinition
from .calendar_difference import CalendarDifference
from .calendar_policy import CalendarPolicy
from .calendar_request import CalendarRequest
from .calendar_request_definition import CalendarRequestDefinition
from .calendar_summary import CalendarSummary
from .calendars_list_ordering import CalendarsListOrdering
from .collision import Collision
from .conflicts import Conflicts
from .conflicts_skipped import ConflictsSkipped
from .context_request import ContextRequest
from .context_request_agent import ContextRequestAgent
from .context_request_event_type_0 import ContextRequestEventType0
from .context_request_params import ContextRequestParams
from .context_request_run import ContextRequestRun
from .context_request_steps import ContextRequestSteps
from .context_request_task import ContextRequestTask
from .counts import Counts
from .credentials_request import CredentialsRequest
from .damage import Damage
from .delivery import Delivery
from .delivery_state import DeliveryState
from .discovered import Discovered
from .discovery_request import DiscoveryRequest
from .discovery_request_headers import DiscoveryRequestHeaders
from .document import Document
from .document_calendar import DocumentCalendar
from .document_calendar_definition import DocumentCalendarDefinition
from .document_calendar_request import DocumentCalendarRequest
from .document_calendar_request_definition import DocumentCalendarRequestDefinition
from .document_request import DocumentRequest
from .document_task import DocumentTask
from .document_task_payload import DocumentTaskPayload
from .document_task_payload_params import DocumentTaskPayloadParams
from .document_task_payload_pipeline_item import DocumentTaskPayloadPipelineItem
from .document_task_probe_type_0 import DocumentTaskProbeType0
from .document_task_probe_type_0_with import DocumentTaskProbeType0With
from .document_task_quiet_hours_item import DocumentTaskQuietHoursItem
from .document_task_request import DocumentTaskRequest
from .document_task_request_payload import DocumentTaskRequestPayload
from .document_task_request_payload_params import DocumentTaskRequestPayloadParams
from .document_task_request_payload_pipeline_item import DocumentTaskRequestPayloadPipelineItem
from .document_task_request_probe_type_0 import DocumentTaskRequestProbeType0
from .document_task_request_probe_type_0_with import DocumentTaskRequestProbeType0With
from .document_task_request_quiet_hours_item import DocumentTaskRequestQuietHoursItem
from .document_task_status import DocumentTaskStatus
from .draft_request import DraftRequest
from .draft_request_quiet_hours_item import DraftRequestQuietHoursItem
from .duration import Duration
from .event import Event
from .event_data import EventData
from .fault import Fault
from .fetched_file import FetchedFile
from .fetched_file_request import FetchedFileRequest
from .field_change import FieldChange
from .health_detailed_response_200 import HealthDetailedResponse200
from .health_detailed_response_503 import HealthDetailedResponse503
from .hook import Hook
from .hook_address import HookAddress
from .hook_preset import HookPreset
from .hooks_list_ordering import HooksListOrdering
from .hooks_list_preset_item import HooksListPresetItem
from .hooks_receive_data_body import HooksReceiveDataBody
from .hooks_receive_json_body import HooksReceiveJsonBody
from .ids_request import IdsRequest
from .import_request import ImportRequest
from .imported import Imported
from .imported_refused_item import ImportedRefusedItem
from .instant import Instant
from .instant_outcome import InstantOutcome
from .judge_request import JudgeRequest
from .judgement import Judgement
from .key_set import KeySet
from .key_set_keys_item import KeySetKeysItem
from .ledger import Ledger
from .made_hook import MadeHook
from .made_tasks import MadeTasks
from .made_webhook import MadeWebhook
from .misfire_policy import MisfirePolicy
from .moved import Moved
from .moved_many import MovedMany
from .moved_outcome import MovedOutcome
from .named_date import NamedDate
from .named_dates import NamedDates
from .new_agent import NewAgent
from .new_event_request import NewEventRequest
from .new_event_request_payload import NewEventRequestPayload
from .new_hook_request import NewHookRequest
from .new_secret import NewSecret
from .new_tasks_request import NewTasksRequest
from .new_webhook_request import NewWebhookRequest
from .note import Note
from .numbers import Numbers
from .occurrence import Occurrence
from .offered import Offered
from .offered_input_schema import OfferedInputSchema
from .offered_output_schema import OfferedOutputSchema
from .offered_state import OfferedState
from .overlap_policy import OverlapPolicy
from .paginated_agent_list import PaginatedAgentList
from .paginated_audit_entry_list import PaginatedAuditEntryList
from .paginated_breaker_list import PaginatedBreakerList
from .paginated_calendar_summary_list import PaginatedCalendarSummaryList
from .paginated_delivery_list import PaginatedDeliveryList
from .paginated_event_list import PaginatedEventList
from .paginated_hook_list import PaginatedHookList
from .paginated_ledger_list import PaginatedLedgerList
from .paginated_run_list import PaginatedRunList
from .paginated_secret_list import PaginatedSecretList
from .paginated_task_list import PaginatedTaskList
from .paginated_tool_summary_list import PaginatedToolSummaryList
from .paginated_topic_list import PaginatedTopicList
from .paginated_webhook_list import PaginatedWebhookList
from .patched_agent_change_request import PatchedAgentChangeRequest
from .patched_calendar_change_request import PatchedCalendarChangeRequest
from .patched_calendar_change_request_definition import PatchedCalendarChangeRequestDefinition
from .patched_hook_change_request import PatchedHookChangeRequest
from .patched_task_change_request import PatchedTaskChangeRequest
from .patched_task_change_request_payload import PatchedTaskChangeRequestPayload
from .patched_task_change_request_payload_params import PatchedTaskChangeRequestPayloadParams
from .patched_task_change_request_payload_pipeline_item import PatchedTaskChangeRequestPayloadPipelineItem
from .patched_task_change_request_probe_type_0 import PatchedTaskChangeRequestProbeType0
from .patched_task_change_request_probe_type_0_with import PatchedTaskChangeRequestProbeType0With
from .patched_task_change_request_quiet_hours_item import PatchedTaskChangeRequestQuietHoursItem
from .patched_tool_change_request import PatchedToolChangeRequest
from .patched_tool_change_request_examples_item import PatchedToolChangeRequestExamplesItem
from .patched_tool_change_request_input_schema import PatchedToolChangeRequestInputSchema
from .patched_tool_change_request_output_schema import PatchedToolChangeRequestOutputSchema
from .patched_tool_change_request_settings import PatchedToolChangeRequestSettings
from .patched_webhook_change_request import PatchedWebhookChangeRequest
from .peak import Peak
from .pipeline_draft_request import PipelineDraftRequest
from .pipelines_schema_response_200 import PipelinesSchemaResponse200
from .plan import Plan
from .preview import Preview
from .problem import Problem
from .proposal import Proposal
from .published import Published
from .received import Received
from .refresh_request import RefreshRequest
from .render_error import RenderError
from .render_request import RenderRequest
from .render_request_payload import RenderRequestPayload
from .render_request_payload_params import RenderRequestPayloadParams
from .render_request_payload_pipeline_item import RenderRequestPayloadPipelineItem
from .rendered import Rendered
from .rendered_step import RenderedStep
from .resolve_outcome import ResolveOutcome
from .resolve_request import ResolveRequest
from .retry_from import RetryFrom
from .retry_request import RetryRequest
from .revocation_request import RevocationRequest
from .rotation_request import RotationRequest
from .run import Run
from .run_detail import RunDetail
from .run_detail_steps_truncated import RunDetailStepsTruncated
from .run_made import RunMade
from .run_many_request import RunManyRequest
from .run_many_request_params import RunManyRequestParams
from .run_now_request import RunNowRequest
from .run_now_request_params import RunNowRequestParams
from .run_status import RunStatus
from .runs_by_status import RunsByStatus
from .runs_list_ordering import RunsListOrdering
from .runs_list_status_item import RunsListStatusItem
from .runs_list_waiting_for_item import RunsListWaitingForItem
from .schedule_kind import ScheduleKind
from .secret import Secret
from .secret_request import SecretRequest
from .skip_reason import SkipReason
from .snooze_request import SnoozeRequest
from .step import Step
from .step_cut import StepCut
from .step_in_order import StepInOrder
from .step_status import StepStatus
from .task import Task
from .task_at import TaskAt
from .task_change_request import TaskChangeRequest
from .task_change_request_payload import TaskChangeRequestPayload
from .task_change_request_payload_params import TaskChangeRequestPayloadParams
from .task_change_request_payload_pipeline_item import TaskChangeRequestPayloadPipelineItem
from .task_change_request_probe_type_0 import TaskChangeRequestProbeType0
from .task_change_request_probe_type_0_with import TaskChangeRequestProbeType0With
from .task_change_request_quiet_hours_item import TaskChangeRequestQuietHoursItem
from .task_condition_error_type_0 import TaskConditionErrorType0
from .task_difference import TaskDifference
from .task_mode import TaskMode
from .task_of import TaskOf
from .task_payload import TaskPayload
from .task_payload_params import TaskPayloadParams
from .task_payload_pipeline_item import TaskPayloadPipelineItem
from .task_probe_type_0 import TaskProbeType0
from .task_probe_type_0_with import TaskProbeType0With
from .task_quiet_hours_item import TaskQuietHoursItem
from .task_request import TaskRequest
from .task_request_payload import TaskRequestPayload
from .task_request_payload_params import TaskRequestPayloadParams
from .task_request_payload_pipeline_item import TaskRequestPayloadPipelineItem
from .task_request_probe_type_0 import TaskRequestProbeType0
from .task_request_probe_type_0_with import TaskRequestProbeType0With
from .task_request_quiet_hours_item import TaskRequestQuietHoursItem
from .task_stats import TaskStats
from .task_status import TaskStatus
from .tasks_ledger_ordering import TasksLedgerOrdering
from .tasks_ledger_reason_item import TasksLedgerReasonItem
from .tasks_list_ordering import TasksListOrdering
from .tasks_list_schedule_kind_item import TasksListScheduleKindItem
from .tasks_list_status_item import TasksListStatusItem
from .tasks_looked_at import TasksLookedAt
from .tasks_runs_ordering import TasksRunsOrdering
from .tasks_runs_status_item import TasksRunsStatusItem
from .tasks_runs_waiting_for_item import TasksRunsWaitingForItem
from .token import Token
from .token_type import TokenType
from .tool import Tool
from .tool_approval import ToolApproval
from .tool_change_request import ToolChangeRequest
from .tool_change_request_examples_item import ToolChangeRequestExamplesItem
from .tool_change_request_input_schema import ToolChangeRequestInputSchema
from .tool_change_request_output_schema import ToolChangeRequestOutputSchema
from .tool_change_request_settings import ToolChangeRequestSettings
from .tool_examples_item import ToolExamplesItem
from .tool_health import ToolHealth
from .tool_input_schema import ToolInputSchema
from .tool_output_schema import ToolOutputSchema
from .tool_request import ToolRequest
from .tool_request_examples_item import ToolRequestExamplesItem
from .tool_request_input_schema import ToolRequestInputSchema
from .tool_request_output_schema import ToolRequestOutputSchema
from .tool_request_settings import ToolRequestSettings
from .tool_settings import ToolSettings
from .tool_summary import ToolSummary
from .tool_version import ToolVersion
from .tool_versions import ToolVersions
from .tools_list_approval_item import ToolsListApprovalItem
from .tools_list_transport_item import ToolsListTransportItem
from .topic import Topic
from .trigger import Trigger
from .verdict import Verdict
from .waiting_for import WaitingFor
from .webhook import Webhook
from .webhook_rotation_request import WebhookRotationRequest
from .webhook_secret import WebhookSecret
from .webhooks_deliveries_ordering import WebhooksDeliveriesOrdering
from .webhooks_deliveries_state_item import WebhooksDeliveriesStateItem
from .why import Why

__all__ = (
    "Action",
    "Agent",
    "AgentRequest",
    "AgentsListOrdering",
    "Answer",
    "ApprovalLink",
    "ApprovalRequest",
    "Attempt",
    "AttemptOutcome",
    "AuditEntry",
    "AuditEntryDetails",
    "AuthRevokeResponse200",
    "Backfilled",
    "BackfillOverlapPolicy",
    "BackfillRequest",
    "BackoffStrategy",
    "Blank",
    "Breaker",
    "BreakersListState",
    "BreakerState",
    "Calendar",
    "CalendarChangeRequest",
    "CalendarChangeRequestDefinition",
    "CalendarDefinition",
    "CalendarDifference",
    "CalendarPolicy",
    "CalendarRequest",
    "CalendarRequestDefinition",
    "CalendarsListOrdering",
    "CalendarSummary",
    "Collision",
    "Conflicts",
    "ConflictsSkipped",
    "ContextRequest",
    "ContextRequestAgent",
    "ContextRequestEventType0",
    "ContextRequestParams",
    "ContextRequestRun",
    "ContextRequestSteps",
    "ContextRequestTask",
    "Counts",
    "CredentialsRequest",
    "Damage",
    "Delivery",
    "DeliveryState",
    "Discovered",
    "DiscoveryRequest",
    "DiscoveryRequestHeaders",
    "Document",
    "DocumentCalendar",
    "DocumentCalendarDefinition",
    "DocumentCalendarRequest",
    "DocumentCalendarRequestDefinition",
    "DocumentRequest",
    "DocumentTask",
    "DocumentTaskPayload",
    "DocumentTaskPayloadParams",
    "DocumentTaskPayloadPipelineItem",
    "DocumentTaskProbeType0",
    "DocumentTaskProbeType0With",
    "DocumentTaskQuietHoursItem",
    "DocumentTaskRequest",
    "DocumentTaskRequestPayload",
    "DocumentTaskRequestPayloadParams",
    "DocumentTaskRequestPayloadPipelineItem",
    "DocumentTaskRequestProbeType0",
    "DocumentTaskRequestProbeType0With",
    "DocumentTaskRequestQuietHoursItem",
    "DocumentTaskStatus",
    "DraftRequest",
    "DraftRequestQuietHoursItem",
    "Duration",
    "Event",
    "EventData",
    "Fault",
    "FetchedFile",
    "FetchedFileRequest",
    "FieldChange",
    "HealthDetailedResponse200",
    "HealthDetailedResponse503",
    "Hook",
    "HookAddress",
    "HookPreset",
    "HooksListOrdering",
    "HooksListPresetItem",
    "HooksReceiveDataBody",
    "HooksReceiveJsonBody",
    "IdsRequest",
    "Imported",
    "ImportedRefusedItem",
    "ImportRequest",
    "Instant",
    "InstantOutcome",
    "Judgement",
    "JudgeRequest",
    "KeySet",
    "KeySetKeysItem",
    "Ledger",
    "MadeHook",
    "MadeTasks",
    "MadeWebhook",
    "MisfirePolicy",
    "Moved",
    "MovedMany",
    "MovedOutcome",
    "NamedDate",
    "NamedDates",
    "NewAgent",
    "NewEventRequest",
    "NewEventRequestPayload",
    "NewHookRequest",
    "NewSecret",
    "NewTasksRequest",
    "NewWebhookRequest",
    "Note",
    "Numbers",
    "Occurrence",
    "Offered",
    "OfferedInputSchema",
    "OfferedOutputSchema",
    "OfferedState",
    "OverlapPolicy",
    "PaginatedAgentList",
    "PaginatedAuditEntryList",
    "PaginatedBreakerList",
    "PaginatedCalendarSummaryList",
    "PaginatedDeliveryList",
    "PaginatedEventList",
    "PaginatedHookList",
    "PaginatedLedgerList",
    "PaginatedRunList",
    "PaginatedSecretList",
    "PaginatedTaskList",
    "PaginatedToolSummaryList",
    "PaginatedTopicList",
    "PaginatedWebhookList",
    "PatchedAgentChangeRequest",
    "PatchedCalendarChangeRequest",
    "PatchedCalendarChangeRequestDefinition",
    "PatchedHookChangeRequest",
    "PatchedTaskChangeRequest",
    "PatchedTaskChangeRequestPayload",
    "PatchedTaskChangeRequestPayloadParams",
    "PatchedTaskChangeRequestPayloadPipelineItem",
    "PatchedTaskChangeRequestProbeType0",
    "PatchedTaskChangeRequestProbeType0With",
    "PatchedTaskChangeRequestQuietHoursItem",
    "PatchedToolChangeRequest",
    "PatchedToolChangeRequestExamplesItem",
    "PatchedToolChangeRequestInputSchema",
    "PatchedToolChangeRequestOutputSchema",
    "PatchedToolChangeRequestSettings",
    "PatchedWebhookChangeRequest",
    "Peak",
    "PipelineDraftRequest",
    "PipelinesSchemaResponse200",
    "Plan",
    "Preview",
    "Problem",
    "Proposal",
    "Published",
    "Received",
    "RefreshRequest",
    "Rendered",
    "RenderedStep",
    "RenderError",
    "RenderRequest",
    "RenderRequestPayload",
    "RenderRequestPayloadParams",
    "RenderRequestPayloadPipelineItem",
    "ResolveOutcome",
    "ResolveRequest",
    "RetryFrom",
    "RetryRequest",
    "RevocationRequest",
    "RotationRequest",
    "Run",
    "RunDetail",
    "RunDetailStepsTruncated",
    "RunMade",
    "RunManyRequest",
    "RunManyRequestParams",
    "RunNowRequest",
    "RunNowRequestParams",
    "RunsByStatus",
    "RunsListOrdering",
    "RunsListStatusItem",
    "RunsListWaitingForItem",
    "RunStatus",
    "ScheduleKind",
    "Secret",
    "SecretRequest",
    "SkipReason",
    "SnoozeRequest",
    "Step",
    "StepCut",
    "StepInOrder",
    "StepStatus",
    "Task",
    "TaskAt",
    "TaskChangeRequest",
    "TaskChangeRequestPayload",
    "TaskChangeRequestPayloadParams",
    "TaskChangeRequestPayloadPipelineItem",
    "TaskChangeRequestProbeType0",
    "TaskChangeRequestProbeType0With",
    "TaskChangeRequestQuietHoursItem",
    "TaskConditionErrorType0",
    "TaskDifference",
    "TaskMode",
    "TaskOf",
    "TaskPayload",
    "TaskPayloadParams",
    "TaskPayloadPipelineItem",
    "TaskProbeType0",
    "TaskProbeType0With",
    "TaskQuietHoursItem",
    "TaskRequest",
    "TaskRequestPayload",
    "TaskRequestPayloadParams",
    "TaskRequestPayloadPipelineItem",
    "TaskRequestProbeType0",
    "TaskRequestProbeType0With",
    "TaskRequestQuietHoursItem",
    "TasksLedgerOrdering",
    "TasksLedgerReasonItem",
    "TasksListOrdering",
    "TasksListScheduleKindItem",
    "TasksListStatusItem",
    "TasksLookedAt",
    "TasksRunsOrdering",
    "TasksRunsStatusItem",
    "TasksRunsWaitingForItem",
    "TaskStats",
    "TaskStatus",
    "Token",
    "TokenType",
    "Tool",
    "ToolApproval",
    "ToolChangeRequest",
    "ToolChangeRequestExamplesItem",
    "ToolChangeRequestInputSchema",
    "ToolChangeRequestOutputSchema",
    "ToolChangeRequestSettings",
    "ToolExamplesItem",
    "ToolHealth",
    "ToolInputSchema",
    "ToolOutputSchema",
    "ToolRequest",
    "ToolRequestExamplesItem",
    "ToolRequestInputSchema",
    "ToolRequestOutputSchema",
    "ToolRequestSettings",
    "ToolSettings",
    "ToolsListApprovalItem",
    "ToolsListTransportItem",
    "ToolSummary",
    "ToolVersion",
    "ToolVersions",
    "Topic",
    "Trigger",
    "Verdict",
    "WaitingFor",
    "Webhook",
    "WebhookRotationRequest",
    "WebhooksDeliveriesOrdering",
    "WebhooksDeliveriesStateItem",
    "WebhookSecret",
    "Why",
)
