"""How is it told apart, of all that went wrong with an MCP server at once, what it was?"""

from pipelines.errors import StepError, StepFailed


class CutOff(Exception):
    """The peer went away or gave up, and nobody knows what it has done by then."""

    def __init__(self, error: StepError) -> None:
        super().__init__(error.message)
        self.error = error


def leaf(error: BaseException) -> BaseException:
    """What a group of exceptions is about: our own finding if there is one, else the first."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    leaves = [leaf(each) for each in error.exceptions]
    return next((each for each in leaves if isinstance(each, StepFailed | CutOff)), leaves[0])
