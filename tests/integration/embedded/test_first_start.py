"""What a new database gets, once."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from psycopg.conninfo import make_conninfo

from ordinaut_site import env, first_start, kept_files, prepared
from ordinaut_site.env import Env
from tasks_app.models import Agent, Task
from tasks_app.services import agents

pytestmark = pytest.mark.django_db


@pytest.fixture
def settings_at(tmp_path: Path) -> Env:
    return env.read({"ORDINAUT_HOME": str(tmp_path), "PORT": "9000"})


def credentials_of(settings: Env) -> dict[str, str]:
    return kept_files.read(settings.home / "credentials.env")


def test_a_new_database_gets_an_admin_an_agent_and_two_tasks(settings_at: Env) -> None:
    assert first_start.make_first_things(settings_at)

    kept = credentials_of(settings_at)
    admin = get_user_model().objects.get(username=kept["ORDINAUT_ADMIN_USER"])
    assert admin.check_password(kept["ORDINAUT_ADMIN_PASSWORD"])
    assert admin.is_superuser
    agent = Agent.objects.get(pk=kept["ORDINAUT_AGENT_ID"])
    assert agents.authenticate(agent.pk, kept["ORDINAUT_AGENT_SECRET"]) == agent
    assert "admin" not in agent.scopes
    assert kept["ORDINAUT_URL"] == "http://localhost:9000"
    assert sorted(Task.objects.values_list("schedule_kind", "created_by")) == [
        ("interval", agent.pk),
        ("rrule", agent.pk),
    ]
    assert Task.objects.filter(next_run_at=None).count() == 0
    assert (settings_at.home / "credentials.env").stat().st_mode & 0o777 == 0o600


def test_a_second_start_makes_nothing(settings_at: Env) -> None:
    first_start.make_first_things(settings_at)
    before = credentials_of(settings_at)

    assert not first_start.make_first_things(settings_at)

    assert credentials_of(settings_at) == before
    assert (Agent.objects.count(), Task.objects.count(), get_user_model().objects.count()) == (1, 2, 1)


def test_a_first_start_that_was_killed_before_its_end_is_made_up_for(
    settings_at: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(kept_files, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            first_start.make_first_things(settings_at)
    assert not Agent.objects.exists()
    assert not get_user_model().objects.exists()

    assert first_start.make_first_things(settings_at)

    assert Agent.objects.filter(pk=credentials_of(settings_at)["ORDINAUT_AGENT_ID"]).exists()


def test_an_admin_who_was_there_before_keeps_the_password(settings_at: Env) -> None:
    get_user_model().objects.create_superuser(username="root", password="long enough, really")

    first_start.make_first_things(settings_at)

    assert get_user_model().objects.count() == 1
    assert "ORDINAUT_ADMIN_PASSWORD" not in credentials_of(settings_at)
    assert "ORDINAUT_AGENT_SECRET" in credentials_of(settings_at)


def test_another_port_is_followed_by_the_credentials_and_the_demo_task(settings_at: Env) -> None:
    first_start.make_first_things(settings_at)
    moved = replace(settings_at, port=9001, public_url="http://localhost:9001")

    first_start.follow_address(moved)
    first_start.follow_address(moved)

    assert credentials_of(moved)["ORDINAUT_URL"] == "http://localhost:9001"
    demo = Task.objects.get(schedule_kind="interval")
    assert demo.payload["params"]["url"] == "http://127.0.0.1:9001/health/live"
    assert demo.version == 2


def test_a_demo_task_that_somebody_changed_stays_as_it_is(settings_at: Env) -> None:
    first_start.make_first_things(settings_at)
    demo = Task.objects.get(schedule_kind="interval")
    Task.objects.update(payload=demo.payload | {"params": {"url": "https://example.org/"}})

    first_start.follow_address(replace(settings_at, port=9001))

    demo.refresh_from_db()
    assert demo.payload["params"]["url"] == "https://example.org/"


def test_preparing_twice_changes_nothing_and_gives_the_lock_back(settings_at: Env) -> None:
    first_start.prepare(settings_at)
    first_start.prepare(settings_at)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND pid = pg_backend_pid()",
            [first_start._ONE_SETUP_AT_A_TIME],
        )
        assert cursor.fetchone() == (0,)
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("5s",)
    assert Agent.objects.count() == 1


@pytest.fixture
def on_test_database(settings_at: Env) -> Env:
    parameters = connection.get_connection_params()
    reached_by = {
        name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if name in parameters
    }
    return replace(settings_at, database_url=make_conninfo(**reached_by))


def test_a_prepared_database_is_known_until_code_port_or_database_change(
    on_test_database: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not prepared.holds(on_test_database)

    prepared.remember(on_test_database)

    assert prepared.holds(on_test_database)
    assert not prepared.holds(replace(on_test_database, port=9001))
    assert not prepared.holds(replace(on_test_database, database_url="postgresql://nobody@127.0.0.1:1/none"))
    monkeypatch.setattr(prepared, "_migrations", lambda: [Path("tasks_app/migrations/0099_new.py")])
    assert not prepared.holds(on_test_database)
