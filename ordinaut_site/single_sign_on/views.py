"""The way to the identity provider and back. Neither page is there while single sign-on is off."""

from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from ordinaut_site.single_sign_on import provider
from ordinaut_site.single_sign_on.provider import ProviderUnavailable
from tasks_app.events import counters

MOST_A_MINUTE: Final = 20  # from one address: each leaves a session behind
SESSION: Final = timedelta(hours=8)  # then the provider is asked again whether the groups are still the same


class _OnlyWhenOn:
    get_settings = staticmethod(provider.setting)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if provider.current() is None:
            raise Http404
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc] # of the view beside
        answer.headers["Cache-Control"] = "no-store"
        return answer


class Begin(_OnlyWhenOn, OIDCAuthenticationRequestView):  # type: ignore[misc] # the library has no types
    def __init__(self, **options: Any) -> None:
        """The provider is asked when somebody wants to go there, not when the view is made."""
        super(OIDCAuthenticationRequestView, self).__init__(**options)

    def get(self, request: HttpRequest) -> HttpResponse:
        tries = counters.count(f"single sign-on of {request.META.get('REMOTE_ADDR', '')}", window=60)
        if tries.number > MOST_A_MINUTE:
            return _back(request, f"Too many tries: wait {tries.ends_in:.0f} s.")
        try:
            self.OIDC_OP_AUTH_ENDPOINT = provider.setting("OIDC_OP_AUTHORIZATION_ENDPOINT")
        except ProviderUnavailable:
            return _back(request, "The identity provider does not answer now. A password opens this page still.")
        self.OIDC_RP_CLIENT_ID = provider.setting("OIDC_RP_CLIENT_ID")
        answer: HttpResponse = super().get(request)
        return answer


class Finish(_OnlyWhenOn, OIDCAuthenticationCallbackView):  # type: ignore[misc] # the library has no types
    def get(self, request: HttpRequest) -> HttpResponse:
        """What nobody here has begun ends nobody's session, whatever it says."""
        if request.GET.get("state") not in request.session.get("oidc_states", {}):
            return _back(request, "This was not begun in this browser, or too long ago: sign in again.")
        answer: HttpResponse = super().get(request)
        return answer

    def login_success(self) -> HttpResponse:
        answer: HttpResponse = super().login_success()
        self.request.session.set_expiry(SESSION)
        return answer

    def login_failure(self) -> HttpResponse:
        if "error" in self.request.GET:
            return _back(self.request, "The identity provider has not said who you are: sign in again, or ask there.")
        return _back(self.request, "You were not let in: ask an operator whether your groups allow it.")

    @property
    def success_url(self) -> str:
        return str(self.request.session.pop("oidc_login_next", None) or resolve_url("admin:index"))


def _back(request: HttpRequest, words: str) -> HttpResponse:
    messages.error(request, words)
    return HttpResponseRedirect(resolve_url("admin:login"))
