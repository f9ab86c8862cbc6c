"""What a question to a model may cost at most is reserved before it is sent."""

from pipelines.errors import Postponed, StepFailed
from tests.integration.http_tool.servers import LoopbackServer, answering
from tests.integration.transports.calling import called, entry, in_turn, outside
from tests.integration.transports.models import PERSON, PRICES, ask, charges, saying, saying_json
from tests.unit.pipelines.fakes import MemoryJournal

STRUCTURED = {"output_schema": PERSON}


def reserved(journal: MemoryJournal) -> list[tuple[int, int]]:
    return [(usage.tokens_out, usage.microdollars) for usage in journal.reserved]


def refused(refusal: Exception, server: LoopbackServer) -> MemoryJournal:
    journal = MemoryJournal(refusal=refusal)
    made = entry("llm", {"endpoint": f"{server.url}/v1", "model": "small"})
    called(made, {"prompt": "Hi"}, outside=outside(allow=[server.address]), journal=journal)
    return journal


def test_the_question_and_the_longest_answer_that_it_allows_are_reserved() -> None:
    with LoopbackServer(saying("Hello.")) as server:
        ran = ask(server, {"prompt": "Hi", "max_tokens": 100}, **PRICES)

    [usage] = ran.journal.reserved
    assert (usage.tokens_out, usage.tokens_in > 0) == (100, True)
    assert usage.microdollars == -(-(usage.tokens_in * 5 + 100 * 20) // 10)
    assert charges(ran) == [(100, 10, 70)]


def test_each_repair_is_a_question_of_its_own() -> None:
    answers = in_turn(saying("no JSON"), saying_json({"name": "Anna", "age": 7}))
    with LoopbackServer(answers) as server:
        ran = ask(server, fields=STRUCTURED, max_tokens=50)

    assert [tokens for tokens, _ in reserved(ran.journal)] == [50, 50]
    assert len(charges(ran)) == 2


def test_what_the_budget_does_not_allow_is_not_asked() -> None:
    with LoopbackServer(answering("200 OK", b"{}")) as server:
        for refusal in (StepFailed.permanently("budget_exhausted", "tomorrow"), Postponed(30, reason="budget")):
            journal = refused(refusal, server)
            assert len(journal.reserved) == 1

        assert server.connections == 0
