"""Why the platform cannot start."""


class CannotStart(Exception):
    """A fact that keeps the platform from starting; its text is one plain sentence that says the cure."""
