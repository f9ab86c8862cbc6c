"""How far the next instant of a task is put off."""

from typing import Any

from rest_framework.exceptions import ValidationError

from tasks_app.api import legacy
from tasks_app.api.serializers.moment import Moment
from tasks_app.api.serializers.strict import Strict, Text, WholeNumber
from tasks_app.services import snoozing


class SnoozeSerializer(Strict):
    delay_seconds = WholeNumber(
        min_value=snoozing.SHORTEST,
        max_value=snoozing.LONGEST,
        help_text="By how many seconds the next instant is put off.",
    )
    reason = Text(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="Why it is put off: kept in the audit and in the ledger.",
    )
    at = Moment(
        local=True,
        required=False,
        help_text="The next instant as the caller knows it: asked again, it is not put off twice, and no other one is.",
    )

    def to_internal_value(self, data: Any) -> Any:
        try:
            return super().to_internal_value(legacy.modern_snooze(data))
        except ValidationError as error:
            raise ValidationError(legacy.as_snoozed(data, error.detail)) from error
