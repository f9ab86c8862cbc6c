"""What the OpenAPI document calls each operation, and what it says of it.

A name is the address's words with the verb that its method stands for: `tasks_list`, `tasks_create`, `tasks_run_now`.
Programs are generated from these names, so they follow the addresses and never the names of classes.
"""

import re
from typing import Final

_VERBS: Final = {"POST": "create", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}
_NAMED: Final = {"/.well-known/jwks.json": "auth_keys"}


def name_of(path: str, method: str, *, of_many: bool) -> str:
    """The operation's id, unique over all; `path` is the address without `/api/v1`.

    of_many: whether it answers with a list. What stands behind a noun is a verb of its own: GET and POST need no other.
    """
    if path in _NAMED:
        return _NAMED[path]
    parts = [part for part in path.split("/") if part]
    words = [re.sub(r"\W", "_", part) for part in parts if not part.startswith("{")]
    if len(words) == 1:
        verb = _VERBS.get(method, "list" if of_many else "get")
        return "_".join([*words, verb])
    return "_".join(words if method in {"GET", "POST"} else [*words, _VERBS[method]])


def tag_of(path: str) -> str:
    """The noun that an address begins with."""
    return (_NAMED.get(path) or path.strip("/")).split("/")[0].split("_")[0]


def told(text: str) -> dict[str, str]:
    """The first sentence as the summary; the whole as the description, where there is more than that."""
    text = " ".join(text.split())
    first, *more = re.split(r"(?<=[.])\s", text, maxsplit=1)
    return {"summary": first.rstrip(".")} | ({"description": text} if more else {})


def place_of(name: str, path: str) -> str:
    """What the part of an address stands for that is called `name` in `path`."""
    if name in _PLACES:
        return _PLACES[name]
    [noun] = re.findall(rf"(\w+)/\{{{name}\}}", path)
    return f"The id of the {_ONE.get(noun, noun.removesuffix('s'))}."


_ONE: Final = {"breakers": "destination", "deliveries": "delivery"}
_PLACES: Final = {
    "address": "The tool's address, such as weather.today.",
    "name": "The secret's name.",
    "task": "The id of the task.",
    "token": "The token that the hook's address ends with.",
    "webhook": "The id of the webhook.",
}

TAGS: Final = {
    "tasks": "What is to be done, and when.",
    "runs": "What became of tasks.",
    "schedules": "Schedules before they are saved, and side by side.",
    "pipelines": "Pipelines before they are saved.",
    "events": "What has happened: published by agents, told by the platform.",
    "tools": "The catalogue of what pipelines call.",
    "secrets": "Credentials that tools send, bound to hosts.",
    "calendars": "Sets of dates that tasks keep to.",
    "webhooks": "Addresses that are sent an agent's events.",
    "hooks": "Addresses at which other services' events come in.",
    "breakers": "Destinations that runs call, and whether they are called now.",
    "agents": "Programs that ask, with their scopes and limits. For administrators.",
    "audit": "Who changed what, or was refused. For administrators.",
    "auth": "Tokens for an agent's secret.",
    "health": "How the platform is.",
}

# What is said here of an operation is said nowhere else; a docstring of the view's method goes before it.
SAID: Final = {
    "agents_create": "Make an agent. Its secret is answered this once.",
    "agents_credentials": "Give an agent a new secret, beside the old one for a while or in its place.",
    "agents_disable": "Disable an agent, and end all its logins.",
    "agents_enable": "Let a disabled agent log in again.",
    "agents_get": "One agent.",
    "agents_list": "All agents, the newest first.",
    "agents_revoke_tokens": "End all logins of an agent.",
    "agents_update": "Change what an agent may do, and its limits.",
    "audit_list": "The entries, the newest first.",
    "audit_verify": "Whether every entry is as it was written.",
    "auth_keys": "The public keys that access tokens are verified with: a JSON Web Key Set (RFC 7517).",
    "auth_refresh": "New tokens for a refresh token, which is good for one refresh.",
    "auth_token": "Log in: tokens for an agent's secret.",
    "breakers_get": "One destination.",
    "breakers_list": "The destinations that your runs wait for now; an administrator sees all.",
    "breakers_reset": "Let a destination be called again at once; what failed before is forgotten.",
    "calendars_create": "Make a calendar.",
    "calendars_dates": "The dates of a calendar in a span of days, each with its name.",
    "calendars_delete": "Delete a calendar that neither a task nor another calendar uses.",
    "calendars_get": "One calendar.",
    "calendars_list": "The calendars that you may use, without their dates.",
    "calendars_replace": "Replace a calendar: what is left out returns to its default.",
    "calendars_update": "Change some fields of a calendar.",
    "events_create": "Publish an event, which starts the runs of the tasks that listen to its topic.",
    "events_list": "Events, the newest first.",
    "events_topics": "The topics that your tasks listen to.",
    "health_detailed": "Each part of the platform: the database, Redis, beats, workers.",
    "hooks_create": "Make an address at which another service's events come in. Its token and secret are answered this once.",
    "hooks_delete": "Delete a hook: what comes to its address is refused from now on.",
    "hooks_get": "One hook.",
    "hooks_list": "Your hooks, the newest first.",
    "hooks_rotate": "Give a hook another address.",
    "hooks_update": "Change some fields of a hook.",
    "pipelines_render": "What each step of a pipeline would be given, without any call being made.",
    "pipelines_schema": "The JSON Schema of a task's payload, for editors.",
    "pipelines_validate": "Judge a pipeline: its faults, or the order of its steps. Nothing is saved.",
    "runs_approve": "Approve what a run waits for, so that it goes on.",
    "runs_cancel": "Stop a run; one that is going on ends within seconds.",
    "runs_get": "One run, with its attempts and steps. Secrets are masked.",
    "runs_list": "Runs, the newest first.",
    "runs_reject": "Reject what a run waits for: the step fails.",
    "runs_resolve": "Decide what became of a step whose outcome nobody knows.",
    "runs_retry": "Do a run again that failed, timed out or is dead: from the step that failed, or from the start.",
    "schedules_conflicts": "What collides among your tasks in a window, and how to spread it.",
    "schedules_preview": "The next instants of a schedule that need not be saved, each in local time and UTC, with what was done to it.",
    "secrets_delete": "Delete a secret: steps of tools that still send it fail from now on.",
    "secrets_get": "One secret, without its value.",
    "secrets_list": "Your secrets, without their values.",
    "secrets_replace": "Keep a secret under this name, in the place of one that is there.",
    "tasks_backfill": "Make the runs that a span of the past would have had.",
    "tasks_bulk_cancel": "Cancel many tasks in one transaction; what became of each is told.",
    "tasks_bulk_create": "Make up to 1,000 tasks in one transaction: all of them, or none.",
    "tasks_bulk_delete": "Delete many tasks in one transaction; what became of each is told.",
    "tasks_bulk_pause": "Pause many tasks in one transaction; what became of each is told.",
    "tasks_bulk_resume": "Resume many tasks in one transaction; what became of each is told.",
    "tasks_bulk_run_now": "Run many tasks now, in one transaction; what became of each is told.",
    "tasks_cancel": "Cancel a task for good, with its runs that have not finished.",
    "tasks_create": "Make a task.",
    "tasks_delete": "Delete a task; its runs that have not finished are canceled.",
    "tasks_get": "One task.",
    "tasks_ledger": "The instants of a task that made no run, and why.",
    "tasks_list": "Your tasks, the newest first.",
    "tasks_occurrences": "The next instants of a task, each in local time and UTC, with what was done to it.",
    "tasks_pause": "Pause a task: its instants make no runs until it is resumed.",
    "tasks_replace": "Replace a task: what is left out returns to its default, but for `timezone` and `dtstart`, which stay.",
    "tasks_resume": "Resume a paused task.",
    "tasks_run_now": "Run a task now, whatever its schedule says.",
    "tasks_runs": "The runs of a task, the newest first.",
    "tasks_snooze": "Put the next instant of a task off; the ones behind it stay where they are.",
    "tasks_stats": "How the runs of a task went: how many ended how, and how long they took.",
    "tasks_update": "Change some fields of a task.",
    "tasks_why": "What became of one instant of a task, and why.",
    "tools_approve": "Approve a tool whose definition has changed, so that it may be called.",
    "tools_create": "Bring a tool into the catalogue.",
    "tools_delete": "Take a tool out of the catalogue.",
    "tools_discover": "Ask an MCP server for its tools, and import those that are named.",
    "tools_get": "One tool, with its schemas.",
    "tools_import": "Bring many tools at once, as a `tools.json` lists them.",
    "tools_list": "The catalogue, in the order of addresses, without schemas.",
    "tools_replace": "Replace a tool: what is left out returns to its default.",
    "tools_update": "Change some fields of a tool.",
    "webhooks_create": "Let an address be sent your events. The secret they are signed with is answered this once.",
    "webhooks_delete": "Delete a webhook: nothing more is sent to its address.",
    "webhooks_deliveries": "What was sent, the newest first, and what became of it.",
    "webhooks_deliveries_replay": "Send an event once more.",
    "webhooks_get": "One webhook.",
    "webhooks_list": "Your webhooks, the newest first.",
    "webhooks_rotate": "Give a webhook another secret to sign with.",
    "webhooks_update": "Change some fields of a webhook.",
}
