from django.apps import AppConfig


class SchedulesBeatConfig(AppConfig):
    name = "schedules.beat"
    label = "schedules_beat"
    verbose_name = "Recurring Celery tasks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from schedules.beat import changes  # noqa: PLC0415  models can be imported only now

        changes.connect()
