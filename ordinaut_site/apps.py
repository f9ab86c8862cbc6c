from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "ordinaut_site"

    def ready(self) -> None:
        from ordinaut_site import checks  # noqa: F401, PLC0415 - loaded to be registered
