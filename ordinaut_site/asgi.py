"""The ASGI application: `uvicorn ordinaut_site.asgi:application`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordinaut_site.settings")

django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 - Django must be set up before

from ordinaut_site.body_limit import BodyLimit  # noqa: E402
from ordinaut_site.checks import refuse_weak_settings  # noqa: E402
from ordinaut_site.children import die_with_our_parent  # noqa: E402
from ordinaut_site.request_threads import RequestThreads  # noqa: E402
from ordinaut_site.streams import Streams  # noqa: E402
from ordinaut_site.upload_limit import UploadLimit  # noqa: E402

# One of several web processes: left behind, it would keep the port from whoever is started next.
die_with_our_parent()
refuse_weak_settings()
application = BodyLimit(UploadLimit(Streams(RequestThreads(threads=settings.ENV.web_threads))))
