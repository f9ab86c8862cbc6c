"""Under which account the embedded servers run."""

import os
import pwd
import shutil
import tempfile
from pathlib import Path

import pytest

from ordinaut_site.embedded.account import Account
from ordinaut_site.embedded.errors import CannotStart

BORROWED = Account(uid=4711, gid=4711, borrowed=True)


def as_user(monkeypatch: pytest.MonkeyPatch, uid: int) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)


def knowing(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    def getpwnam(name: str) -> pwd.struct_passwd:
        if name not in names:
            raise KeyError(name)
        return pwd.struct_passwd((name, "x", 100 + names.index(name), 200, "", "/", "/bin/sh"))

    monkeypatch.setattr(pwd, "getpwnam", getpwnam)


def test_an_ordinary_user_runs_them_as_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    as_user(monkeypatch, 1000)

    account = Account.for_data(tmp_path)

    assert (account.uid, account.borrowed) == (1000, False)
    assert account.command("postgres", "-D", tmp_path, reaching=(tmp_path,), stop_signal="INT") == (
        "postgres",
        "-D",
        str(tmp_path),
    )


@pytest.mark.parametrize(("names", "uid"), [(("postgres", "nobody"), 100), (("nobody",), 100)])
def test_root_steps_down_to_an_account_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, names: tuple[str, ...], uid: int
) -> None:
    as_user(monkeypatch, 0)
    knowing(monkeypatch, *names)

    assert Account.for_data(tmp_path / "none yet") == Account(uid=uid, gid=200, borrowed=True)


def test_root_steps_down_to_whoever_has_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    as_user(monkeypatch, 0)

    class Data:
        def exists(self) -> bool:
            return True

        def stat(self) -> os.stat_result:
            return os.stat_result((0o40700, 0, 0, 0, 1234, 1235, 0, 0, 0, 0))

    assert Account.for_data(Data()) == Account(uid=1234, gid=1235, borrowed=True)


def test_root_on_a_machine_without_such_an_account_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    as_user(monkeypatch, 0)
    knowing(monkeypatch)

    with pytest.raises(CannotStart, match="start Ordinaut as an ordinary user, or set DATABASE_URL"):
        Account.for_data(tmp_path / "none yet")


def test_stepping_down_without_setpriv_is_refused_with_a_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)

    with pytest.raises(CannotStart, match="install util-linux"):
        BORROWED.command("postgres", reaching=(), stop_signal="INT")


def command_reaching(path: Path) -> str:
    return " ".join(BORROWED.command("postgres", reaching=(path,), stop_signal="INT"))


def test_no_right_is_given_that_is_not_needed() -> None:
    command = command_reaching(Path("/usr/bin/env"))

    assert "--reuid=4711" in command
    assert "--no-new-privs" in command
    assert "--pdeathsig=INT -- postgres" in command
    assert "caps" not in command


@pytest.mark.parametrize(("mode", "passes"), [(0o711, True), (0o700, False), (0o770, False)])
def test_a_closed_folder_on_the_way_is_passed_by_right_and_left_closed(mode: int, passes: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        closed = Path(folder)
        closed.chmod(mode)

        command = command_reaching(closed / "data")

        assert ("--ambient-caps=+dac_override " in command) is not passes
        assert closed.stat().st_mode & 0o777 == mode


@pytest.mark.parametrize(
    ("owner", "mode", "passes"),
    [((4711, 1), 0o100, True), ((4711, 1), 0o011, False), ((1, 4711), 0o010, True), ((1, 4711), 0o101, False)],
)
def test_the_class_that_applies_decides_as_the_kernel_does(owner: tuple[int, int], mode: int, passes: bool) -> None:
    folder = os.stat_result((0o40000 | mode, 0, 0, 0, *owner, 0, 0, 0, 0))

    assert BORROWED._passes(folder) is passes


def test_a_folder_of_its_own_is_closed_to_others(tmp_path: Path) -> None:
    ours = Account(uid=os.geteuid(), gid=os.getegid(), borrowed=False)
    (tmp_path / "old").mkdir(mode=0o755)

    for name in ("new", "old"):
        assert ours.owns(tmp_path / name).stat().st_mode & 0o777 == 0o700


def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    ours = Account(uid=os.geteuid(), gid=os.getegid(), borrowed=False)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(CannotStart, match="is in the way"):
        ours.owns(tmp_path / "run")


def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    stranger = Account(uid=os.geteuid() + 1, gid=0, borrowed=False)

    with pytest.raises(CannotStart, match="belongs to another user"):
        stranger.owns(tmp_path)
