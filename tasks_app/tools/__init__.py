"""The tools that act on the platform itself, `orchestrator.*`, as far as they need its tables."""

from tasks_app.tools.publish_event import PUBLISH_EVENT
from tasks_app.tools.wait_for_event import WAIT_FOR_EVENT

PLATFORM_TOOLS = (PUBLISH_EVENT, WAIT_FOR_EVENT)
