from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "tasks_app"
    label = "tasks"
    verbose_name = "Ordinaut"

    def ready(self) -> None:
        """Put the platform's own tools into the catalogue; they need models, which are there only now.

        So may the operator's functions, of which one that cannot be had stops the start.
        """
        from tasks_app import catalogue, python_tools  # noqa: PLC0415
        from tasks_app.tools import PLATFORM_TOOLS  # noqa: PLC0415

        catalogue.register(*PLATFORM_TOOLS)
        python_tools.registered()
