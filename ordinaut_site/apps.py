from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "ordinaut_site"

    def ready(self) -> None:
        from django.contrib import admin  # noqa: PLC0415 - needs the apps

        from ordinaut_site import checks  # noqa: F401, PLC0415 - loaded to be registered

        admin.site.login_template = "ordinaut_site/login.html"
