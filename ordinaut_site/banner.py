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

_SECRETS = """
  Sign in      {ORDINAUT_ADMIN_USER} / {ORDINAUT_ADMIN_PASSWORD}
  Demo agent   {ORDINAUT_AGENT_ID} / {ORDINAUT_AGENT_SECRET}

Shown this once; kept in {kept}
"""

_KEPT = """
  Sign in      the user and password are in {kept}
"""

_NEVER_MADE = """
  Sign in      this database had its admin before: `manage.py changepassword` gives a new password
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
    sign_in = [_SECRETS if first else _KEPT, _CURL] if credentials else [_NEVER_MADE]
    parts = [_ADDRESSES if ready else _NOT_READY, *sign_in]
    return "".join(parts).format_map(values)
