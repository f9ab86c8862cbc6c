"""What the documents list is what the code has, no more and no less."""

import re
from itertools import chain
from pathlib import Path

import pytest

from ordinaut_site import env
from tasks_app.events.types import EventType
from tasks_app.states import MOVES, AttemptOutcome, RunState, SkipReason, StepState, WaitingFor

DOCUMENTS = env.BASE_DIR / "docs"
LIFE = (DOCUMENTS / "how-a-run-lives.md").read_text()
CONFIGURATION = (DOCUMENTS / "configuration.md").read_text()


def section(title: str) -> str:
    [text] = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", LIFE, flags=re.DOTALL | re.MULTILINE)
    return str(text)


def first_column(table: str) -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE))


def test_every_setting_that_is_read_is_described_and_no_other() -> None:
    read = re.findall(r'setting\("(\w+)"|given\.get\("(\w+)"', Path(env.__file__).read_text())

    assert first_column(CONFIGURATION) == set(filter(None, chain.from_iterable(read)))


def test_every_link_leads_to_a_file() -> None:
    for document in (env.BASE_DIR / "README.md", env.BASE_DIR / "CONTRIBUTING.md", *DOCUMENTS.glob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
            assert (document.parent / target).is_file(), f"{document.name}: {target}"


def test_every_state_of_a_run_is_described_and_no_other() -> None:
    assert first_column(LIFE.partition("## ")[0]) == set(RunState)


def test_every_arrow_is_described_and_no_other() -> None:
    described = re.findall(r"^\| `(\w+)` → `(\w+)` \|", section("Each arrow"), flags=re.MULTILINE)

    assert {(start, end) for start, end in described if start != end} == {
        (start, end) for start, ends in MOVES.items() for end in ends
    }


def test_every_event_is_named_and_no_other() -> None:
    named = set(re.findall(r"`((?:task|run|agent|worker|occurrence)\.\w+)`", section("All events")))

    assert named == set(EventType)
    assert set(re.findall(r"`(run\.\w+)`", section("Each arrow"))) == {
        name for name in named if name.startswith("run.")
    }


@pytest.mark.parametrize("words", [WaitingFor, AttemptOutcome, StepState, SkipReason])
def test_every_word_for_what_happens_to_a_run_is_explained(words: type[WaitingFor]) -> None:
    assert [word.value for word in words if f"`{word.value}`" not in LIFE] == []
