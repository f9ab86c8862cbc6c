"""What is wrong with a schedule that cannot be understood."""


class InvalidSchedule(ValueError):
    """A schedule was refused. `part` names the field at fault, the message says the cure.

    `part` is one of `schedule_kind`, `schedule_expr`, `timezone`, `dtstart`, `dst_policy`.
    """

    def __init__(self, part: str, message: str) -> None:
        super().__init__(part, message)
        self.part = part
        self.message = message

    def __str__(self) -> str:
        return self.message


class InvalidRecurrence(InvalidSchedule):
    """A recurrence was refused. `rule_part` names what is at fault inside it, such as `INTERVAL`."""

    def __init__(self, rule_part: str, message: str, *, part: str = "schedule_expr") -> None:
        super().__init__(part, message)
        self.args = (rule_part, message)
        self.rule_part = rule_part

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.rule_part, self.message), {"part": self.part}
