"""The tools that act on the platform itself, as far as they need its tables."""

from tasks_app.tools.create_task import CREATE_TASK
from tasks_app.tools.publish_event import PUBLISH_EVENT
from tasks_app.tools.quiet_hours_gate import QUIET_HOURS_GATE
from tasks_app.tools.run_now import RUN_NOW
from tasks_app.tools.run_task import RUN_TASK
from tasks_app.tools.schedule_task import SCHEDULE_TASK
from tasks_app.tools.wait_for_event import WAIT_FOR_EVENT

PLATFORM_TOOLS = (CREATE_TASK, PUBLISH_EVENT, QUIET_HOURS_GATE, RUN_NOW, RUN_TASK, SCHEDULE_TASK, WAIT_FOR_EVENT)
