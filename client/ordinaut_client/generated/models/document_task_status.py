from typing import Literal

DocumentTaskStatus = Literal["active", "paused"]

DOCUMENT_TASK_STATUS_VALUES: set[DocumentTaskStatus] = {
    "active",
    "paused",
}


def check_document_task_status(value: str) -> DocumentTaskStatus:
    if value in DOCUMENT_TASK_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {DOCUMENT_TASK_STATUS_VALUES!r}")
