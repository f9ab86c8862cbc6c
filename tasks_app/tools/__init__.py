"""The tools that act on the platform itself, `orchestrator.*`, as far as they need its tables."""

from tasks_app.tools.publish_event import PUBLISH_EVENT

PLATFORM_TOOLS = (PUBLISH_EVENT,)
