"""The Celery application and its signals: logging and the life of a worker's process."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordinaut_site.settings")

app = Celery("ordinaut")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="celery_tasks")
