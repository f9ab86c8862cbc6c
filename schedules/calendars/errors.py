"""What is wrong with a calendar that cannot be understood."""


class InvalidCalendar(ValueError):
    """A calendar's definition was refused. `pointer` is the JSON pointer of the place, the message says the cure."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(pointer, message)
        self.pointer = pointer
        self.message = message

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}" if self.pointer else self.message
