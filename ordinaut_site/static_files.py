"""How static files are sent: whole. Under ASGI Django reads a file's stream whole anyway, and warns each time."""

from contextlib import closing

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import Redirect, StaticFile


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    @staticmethod
    def serve(static_file: StaticFile | Redirect, request: HttpRequest) -> HttpResponse:
        with closing(WhiteNoiseMiddleware.serve(static_file, request)) as streamed:
            whole = HttpResponse(streamed.getvalue(), status=streamed.status_code)
            whole.headers = streamed.headers
            return whole
