"""Limits are read when they are asked for; planted faults are gone when they are cleared."""

from dataclasses import FrozenInstanceError, replace
from datetime import timedelta

import pytest
from django.test import override_settings

from pipelines.tools import LlmSettings
from tasks_app import catalogue, faults
from tasks_app.conf import Conf, conf
from tasks_app.exceptions import Fault, InvalidRequest


def test_a_changed_setting_is_seen_at_once() -> None:
    with override_settings(ORDINAUT=replace(conf(), lease=timedelta(seconds=7))):
        assert conf().lease == timedelta(seconds=7)

    assert conf().lease != timedelta(seconds=7)


def test_the_defaults_leave_time_for_several_heartbeats_in_a_lease() -> None:
    assert Conf().lease >= 3 * Conf().heartbeat


def test_limits_cannot_be_changed_by_accident() -> None:
    with pytest.raises(FrozenInstanceError):
        conf().lease = timedelta()  # type: ignore[misc]


def test_the_built_in_catalogue_follows_the_hosts_that_are_allowed() -> None:
    first = catalogue.builtin()
    assert catalogue.builtin() is first

    with override_settings(ORDINAUT=replace(conf(), http_allow=("127.0.0.1:9",))):
        assert catalogue.builtin() is not first


def test_the_catalogue_asks_the_operators_model() -> None:
    llm = LlmSettings(url="http://127.0.0.1:9/v1", model="m")

    with override_settings(ORDINAUT=replace(conf(), http_allow=("127.0.0.1:7",), llm=llm)):
        tool = catalogue.builtin().get("llm.generate")

    assert tool.destination_of({"prompt": "x"}) == "llm.generate 127.0.0.1:9"


def test_a_planted_fault_happens_at_its_point_until_it_is_cleared() -> None:
    happened = []
    faults.hit("here")
    faults.plant("here", lambda: happened.append("here"))

    faults.hit("elsewhere")
    faults.hit("here")
    faults.clear()
    faults.hit("here")

    assert happened == ["here"]


def test_a_refusal_reads_as_its_faults() -> None:
    refused = InvalidRequest(Fault("/title", "It is empty."), Fault("/priority", "1 to 9."))

    assert str(refused) == "/title: It is empty.; /priority: 1 to 9."
