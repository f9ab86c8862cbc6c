"""How the pieces are switched on: environment, settings, URLs, Celery, ASGI, `manage.py up`."""

from ordinaut_site.celery import app as celery_app

__all__ = ["celery_app"]
