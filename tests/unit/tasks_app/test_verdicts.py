"""What the end of a call says about its destination."""

import pytest

from pipelines import ErrorClass, Interrupted, Park, StepError, ToolFailure
from tasks_app.destinations.verdicts import Verdict, verdict_of


def failure(error_class: ErrorClass, code: str) -> ToolFailure:
    return ToolFailure(StepError(error_class, code, "It broke."))


@pytest.mark.parametrize(
    ("raised", "verdict"),
    [
        (None, Verdict.ANSWERED),
        (failure(ErrorClass.RETRYABLE, "http_status"), Verdict.FAILED),
        (failure(ErrorClass.RETRYABLE, "connect_failed"), Verdict.FAILED),
        (failure(ErrorClass.TIMEOUT, "timeout"), Verdict.FAILED),
        (failure(ErrorClass.PERMANENT, "http_status"), Verdict.ANSWERED),
        (failure(ErrorClass.PERMANENT, "answer_too_large"), Verdict.ANSWERED),
        (failure(ErrorClass.PERMANENT, "jsonrpc_error"), Verdict.ANSWERED),
        (failure(ErrorClass.PERMANENT, "llm_invalid_output"), Verdict.ANSWERED),
        (failure(ErrorClass.PERMANENT, "llm_not_configured"), Verdict.SILENT),
        (failure(ErrorClass.PERMANENT, "secret_refused"), Verdict.SILENT),
        (failure(ErrorClass.PERMANENT, "invalid_input"), Verdict.SILENT),
        (failure(ErrorClass.PERMANENT, "address_blocked"), Verdict.SILENT),
        (failure(ErrorClass.PERMANENT, "tool_crashed"), Verdict.SILENT),
        (failure(ErrorClass.CANCELED, "canceled"), Verdict.SILENT),
        (Interrupted(), Verdict.SILENT),
        (Park(60), Verdict.SILENT),
        (SystemExit(), Verdict.SILENT),
    ],
)
def test_only_what_may_pass_by_itself_speaks_against_a_destination(
    raised: BaseException | None, verdict: Verdict
) -> None:
    assert verdict_of(raised) is verdict
