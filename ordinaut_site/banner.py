"""What `manage.py up` prints when the platform is ready."""

from collections.abc import Mapping

from ordinaut_site.env import Env
from ordinaut_site.kept_files import CREDENTIALS

_NOT_READY = """
The web server does not answer yet: look for its reason above.
"""

_ADDRESSES = """
Ordinaut is ready. Ctrl-C stops it; the data stay in {home}

  Admin        {url}/admin/
  API          {url}/docs
  Celery       {url}/flower/
  Health       {url}/health
"""

_ADMIN = """
  Sign in      {ORDINAUT_ADMIN_USER} / {ORDINAUT_ADMIN_PASSWORD}
"""

_OLDER_ADMIN = """
  Sign in      this database had its admin before: `manage.py changepassword` gives a new password
"""

_AGENT = """  Demo agent   {ORDINAUT_AGENT_ID} / {ORDINAUT_AGENT_SECRET}

Shown this once; kept in {kept}
"""

_KEPT = """
  Sign in      user, password and the demo agent's secret are in {kept}
"""

_CURL = """
The runs so far, by curl:

  . {kept}; curl -s {url}/api/v1/runs -H "Authorization: Bearer $(curl -s {url}/auth/token -H 'Content-Type: application/json' -d "{{\\"agent_id\\": \\"$ORDINAUT_AGENT_ID\\", \\"agent_secret\\": \\"$ORDINAUT_AGENT_SECRET\\"}}" | sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/')"

"""


def text(env: Env, *, credentials: Mapping[str, str], first: bool, ready: bool) -> str:
    """`first`: the secrets are new, and shown."""
    values = {
        "home": env.home,
        "url": env.public_url.rstrip("/"),
        "kept": env.home / CREDENTIALS,
        **credentials,
    }
    parts = [_ADDRESSES if ready else _NOT_READY, *_sign_in(credentials, first=first)]
    return "".join(parts).format_map(values)


def _sign_in(credentials: Mapping[str, str], *, first: bool) -> list[str]:
    if not credentials:
        return [_OLDER_ADMIN]
    if not first:
        return [_KEPT, _CURL]
    return [_ADMIN if "ORDINAUT_ADMIN_USER" in credentials else _OLDER_ADMIN, _AGENT, _CURL]
