"""What other layers complain about, as faults of the request."""

from django.core.exceptions import ValidationError

import pipelines
import schedules
from tasks_app.exceptions import Fault


def of_model(error: ValidationError) -> list[Fault]:
    return [
        Fault("" if field == "__all__" else f"/{field}", message)
        for field, messages in error.message_dict.items()
        for message in messages
    ]


def of_schedule(error: schedules.InvalidSchedule) -> list[Fault]:
    return [Fault(f"/{error.part}", error.message)]


def of_pipeline(error: pipelines.InvalidPipeline) -> list[Fault]:
    return [Fault(f"/payload{fault.pointer}", fault.message) for fault in error.faults]
