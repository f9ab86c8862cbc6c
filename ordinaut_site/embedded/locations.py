"""Where the embedded servers listen. Plain paths from the home folder: settings need them before anything runs."""

import hashlib
import tempfile
from pathlib import Path
from urllib.parse import quote, urlsplit

POSTGRES_USER = DATABASE = "ordinaut"
_LONGEST_SOCKET = 100  # sun_path holds 107 bytes on Linux, 103 on macOS


def sockets(home: Path) -> Path:
    """The folder of the unix sockets: in the home, unless its path is too long for one."""
    folder = home / "run"
    if len(bytes(folder / ".s.PGSQL.5432")) <= _LONGEST_SOCKET:
        return folder
    digest = hashlib.sha256(bytes(home)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"ordinaut-{digest}"


def database_url(home: Path) -> str:
    return f"postgres://{POSTGRES_USER}@/{DATABASE}?host={quote(str(sockets(home)), safe='')}&port=5432"


def redis_url(home: Path) -> str:
    return f"unix://{quote(str(sockets(home) / 'redis.sock'))}?db=0"


def flower_socket(home: Path) -> Path:
    """Where Flower listens: the web server alone passes requests on, to those whom Django lets in."""
    return sockets(home) / "flower.sock"


def broker_url(redis_url: str) -> str:
    """The same server in kombu's words, which has its own for a unix socket."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={database}"
