"""Every address the platform answers."""

from django.contrib import admin
from django.urls import include, path, re_path

from ordinaut_site.flower import flower

urlpatterns = [
    path("admin/", admin.site.urls),
    re_path("^flower/", flower),
    path("", include("plugins.observability.urls")),
]
