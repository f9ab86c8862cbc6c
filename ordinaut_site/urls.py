"""Every address the platform answers."""

from django.contrib import admin
from django.urls import include, path, re_path

from ordinaut_site import health, pages
from ordinaut_site.flower import flower
from ordinaut_site.single_sign_on.provider import CALLBACK
from ordinaut_site.single_sign_on.views import Begin, Finish
from tasks_app.admin import queue_page
from tasks_app.api.views import approval_link
from tasks_app.api.views.hook_intake import HookIntakeView
from tasks_app.api.views.token import KeysView, RefreshView, RevokeView, TokenView

handler400 = "ordinaut_site.error_pages.bad_request"
handler404 = "ordinaut_site.error_pages.not_found"
handler500 = "ordinaut_site.error_pages.server_error"

urlpatterns = [
    path("", pages.start, name="start"),
    path("docs", pages.swagger, name="docs"),
    path("redoc", pages.redoc, name="redoc"),
    path("openapi.json", pages.openapi, name="openapi"),
    path("health", health.ready, name="health"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("health/detailed", health.DetailedView.as_view(), name="detailed"),
    path("auth/token", TokenView.as_view(), name="short-token"),
    path("auth/refresh", RefreshView.as_view(), name="short-refresh"),
    path("auth/revoke", RevokeView.as_view(), name="short-revoke"),
    path(".well-known/jwks.json", KeysView.as_view(), name="keys"),
    path("approvals/<str:token>", approval_link.page, name="approval-link"),
    path("hooks/<str:token>", HookIntakeView.as_view(), name="hook-intake"),
    path("api/v1/", include("tasks_app.api.urls")),
    path("admin/queue/", admin.site.admin_view(queue_page.page), name=queue_page.NAME),
    path("admin/single-sign-on/", Begin.as_view(), name="single-sign-on"),
    path("admin/single-sign-on/callback/", Finish.as_view(), name=CALLBACK),
    path("admin/", admin.site.urls),
    re_path("^flower/", flower),
    path("", include("plugins.observability.urls")),
]
