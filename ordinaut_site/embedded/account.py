"""Under which account the embedded servers run: ours, unless we are root, which Postgres refuses to run as."""

import os
import pwd
import shutil
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ordinaut_site.embedded.errors import CannotStart

_UNPRIVILEGED = ("postgres", "nobody")
_CLOSED_FOLDERS = "+dac_override"


@dataclass(frozen=True, kw_only=True)
class Account:
    uid: int
    gid: int
    borrowed: bool  # we are root and step down to it

    @classmethod
    def for_data(cls, data: Path) -> Self:
        """Ours; when we are root, whose `data` is already, else an unprivileged one of this machine."""
        if os.geteuid() != 0:
            return cls(uid=os.geteuid(), gid=os.getegid(), borrowed=False)
        if data.exists() and (owner := data.stat()).st_uid != 0:
            return cls(uid=owner.st_uid, gid=owner.st_gid, borrowed=True)
        for name in _UNPRIVILEGED:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(uid=entry.pw_uid, gid=entry.pw_gid, borrowed=True)
        raise CannotStart(
            "Postgres refuses to run as root and this machine has neither a `postgres` nor a `nobody` account: "
            "start Ordinaut as an ordinary user, or set DATABASE_URL."
        )

    def command(self, *command: str | Path, reaching: Iterable[Path], stop_signal: str) -> tuple[str, ...]:
        """Run `command` as this account; its death signal is `stop_signal` when it steps down to it.

        A folder on the way to `reaching` may be closed to the account (/root is). It is not ours to open: the
        process gets the right to pass instead.
        """
        words = tuple(str(word) for word in command)
        if not self.borrowed:
            return words
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise CannotStart(
                "Postgres refuses to run as root and stepping down needs `setpriv`: install util-linux, "
                "start Ordinaut as an ordinary user, or set DATABASE_URL and REDIS_URL."
            )
        step_down = [setpriv, f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", "--no-new-privs"]
        if not all(self._reaches(path) for path in reaching):
            step_down += [f"--inh-caps={_CLOSED_FOLDERS}", f"--ambient-caps={_CLOSED_FOLDERS}"]
            # Postgres asks access(2) for its own programs, which leaves that right out of account but for this bit.
            step_down.append("--securebits=+no_setuid_fixup")
        # Changing the user forgets the death signal that the parent set, so it is set again.
        return (*step_down, f"--pdeathsig={stop_signal}", "--", *words)

    def owns(self, folder: Path) -> Path:
        """Make `folder`, open to this account alone."""
        if not folder.exists():
            folder.mkdir(mode=0o700)
        if self.borrowed and folder.stat().st_uid == 0:
            os.chown(folder, self.uid, self.gid)
        self._check(folder)
        return folder

    def _check(self, folder: Path) -> None:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise CannotStart(f"{folder} is in the way: Ordinaut needs a folder of its own there; move it away.")
        if found.st_uid != self.uid:
            raise CannotStart(
                f"{folder} belongs to another user (uid {found.st_uid}): start Ordinaut as that user, "
                "or choose another folder with ORDINAUT_HOME."
            )
        if stat.S_IMODE(found.st_mode) & 0o077:
            folder.chmod(0o700)

    def _reaches(self, path: Path) -> bool:
        return all(self._passes(folder.stat()) for folder in path.resolve().parents)

    def _passes(self, folder: os.stat_result) -> bool:
        if folder.st_uid == self.uid:
            return bool(folder.st_mode & stat.S_IXUSR)
        if folder.st_gid == self.gid:
            return bool(folder.st_mode & stat.S_IXGRP)
        return bool(folder.st_mode & stat.S_IXOTH)
