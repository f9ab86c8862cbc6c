"""The ASGI application: `uvicorn ordinaut_site.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordinaut_site.settings")

application = get_asgi_application()
