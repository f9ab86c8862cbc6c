"""Every interleaving of claim, heartbeat, move, death, burial, reap, promote and cancel, explored to the last state.

With ORDINAUT_QUEUE_CASES in the environment, of more and busier workers, too.
"""

import os
from dataclasses import replace

import pytest

from tests.unit.queue_model.explore import Exploration
from tests.unit.queue_model.statements import Guard
from tests.unit.queue_model.world import Property, Setup

pytestmark = pytest.mark.no_cover  # three times as slow when measured

ONE_KILLS = Setup(runs=2, in_flight=False, kills=frozenset({0}), outages=False)

SETUPS = {
    "one run, statements and answers in flight": Setup(),
    "one run that is retried": Setup(retries=2, in_flight=False),
    "a run that kills its workers": Setup(in_flight=False, kills=frozenset({0})),
    "a run that kills its workers, and an innocent one": ONE_KILLS,
}
if "ORDINAUT_QUEUE_CASES" in os.environ:
    SETUPS |= {
        "two runs": Setup(runs=2, in_flight=False),
        "a run that kills its workers, and one for which they die anyhow": replace(ONE_KILLS, outages=True),
        "two runs that kill their workers, and an innocent one": replace(ONE_KILLS, runs=3, kills=frozenset({0, 1})),
        "one run that is retried, statements and answers in flight": Setup(retries=1),
        "two runs that are retried": Setup(runs=2, retries=1, in_flight=False),
        "three workers": Setup(workers=3, in_flight=False),
    }

NEEDED = [
    (Guard.CLAIM_STATE, Property.FINISHED_LEFT),
    (Guard.CLAIM_FENCE, Property.TWO_LEASES),
    (Guard.MOVE_FENCE, Property.STALE_WRITE),
    (Guard.MOVE_STATE, Property.FINISHED_LEFT),
    (Guard.RENEW_FENCE, Property.STALE_WRITE),
    (Guard.RENEW_LEASE, Property.REVIVED),
    (Guard.REAP_LEASE, Property.LEASE_TAKEN),
    (Guard.PUT_BACK_COUNT, Property.LIVELOCK),
    (Guard.BURY_WORKER, Property.LEASE_TAKEN),
    (Guard.BURY_STATE, Property.FINISHED_LEFT),
    (Guard.BEGIN_FENCE, Property.STALE_WRITE),
    (Guard.BEGIN_STATE, Property.FINISHED_LEFT),
    (Guard.PROMOTE_STATE, Property.FINISHED_LEFT),
    (Guard.PROMOTE_TIME, Property.EARLY),
    (Guard.CANCEL_STATE, Property.FINISHED_LEFT),
    (Guard.RETRY_COUNT, Property.LIVELOCK),
    (Guard.TRUST_MARGIN, Property.EFFECT),
    (Guard.TRUST_FROM_SENDING, Property.EFFECT),
    (Guard.TRUST_LOOK, Property.EFFECT),
]
NEEDED_WHERE_A_RUN_KILLS = [
    (Guard.PUT_BACK_COUNT, Property.LIVELOCK),
    (Guard.REAP_BEGUN, Property.INNOCENT),
    (Guard.SUSPECT_RECORDED, Property.LIVELOCK),
    (Guard.SUSPECT_ALONE, Property.INNOCENT),
]


def explored(setup: Setup) -> Exploration:
    exploration = Exploration(setup).run()
    return exploration if exploration.violation else exploration.check_that_runs_end()


@pytest.mark.timeout(1200 if "ORDINAUT_QUEUE_CASES" in os.environ else 600)
@pytest.mark.parametrize("setup", SETUPS.values(), ids=SETUPS)
def test_no_interleaving_breaks_a_lease_or_loses_a_run(setup: Setup) -> None:
    exploration = explored(setup)

    print(f"\n{len(exploration.states):,} states, {exploration.transitions:,} transitions")  # noqa: T201  shown by pytest -s
    assert exploration.violation is None, str(exploration.violation)


@pytest.mark.parametrize(("guard", "found"), NEEDED, ids=[guard for guard, _ in NEEDED])
def test_without_a_guard_the_check_finds_what_the_guard_prevents(guard: Guard, found: Property) -> None:
    of_answers = guard in {Guard.TRUST_MARGIN, Guard.TRUST_FROM_SENDING}
    violation = explored(Setup(retries=1, in_flight=of_answers, without=frozenset({guard}))).violation

    assert violation is not None
    print(f"\n{violation}")  # noqa: T201  shown by pytest -s
    assert violation.property == found


@pytest.mark.parametrize(
    ("guard", "found"), NEEDED_WHERE_A_RUN_KILLS, ids=[guard for guard, _ in NEEDED_WHERE_A_RUN_KILLS]
)
def test_without_a_guard_a_run_kills_workers_for_ever_or_an_innocent_one_is_dead(guard: Guard, found: Property) -> None:
    violation = explored(replace(ONE_KILLS, without=frozenset({guard}))).violation

    assert violation is not None
    print(f"\n{violation}")  # noqa: T201  shown by pytest -s
    assert violation.property == found


def test_a_lease_that_is_there_says_that_the_run_is_running() -> None:
    """So a renewal needs not name the state; without either it would."""
    assert explored(Setup(in_flight=False, without=frozenset({Guard.RENEW_STATE}))).violation is None

    neither = explored(Setup(in_flight=False, without=frozenset({Guard.RENEW_STATE, Guard.RENEW_LEASE}))).violation
    assert neither is not None
