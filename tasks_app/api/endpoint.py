"""What every endpoint below /api/v1 does beside its own work."""

from functools import partial
from typing import Any, Final

from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tasks_app.api import idempotency, methods, tags
from tasks_app.api.serializers.strict import Strict
from tasks_app.models import Agent
from tasks_app.services.guard import PreconditionFailed

_LISTED: Final = 5


class RepeatedParameter(ParseError):
    default_code = "repeated_parameter"


class Endpoint(APIView):
    """Idempotency-Key, entity tags, and no parameter twice.

    `edition` names what a change can set, of resources that If-Match guards; `repeatable` the parameters of the query that
    may come more than once, beside filters of several choices; `takes_nothing` the verbs whose body is empty.
    """

    http_method_names = methods.ANSWERED
    edition: tuple[str, ...] = ()
    repeatable: tuple[str, ...] = ()
    takes_nothing: frozenset[str] = frozenset({"cancel", "pause", "replay", "reset", "resume", "rotate"})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self._refuse_repeated(request)
        tags.refuse_unheeded(request, self)
        key = idempotency.key_of(request) if request.method == "POST" and isinstance(request.user, Agent) else None
        if key is not None:
            keyed = idempotency.keyed(request, key)  # before the body is parsed: afterwards its bytes are gone
            handler: Any = getattr(self, "post", self.http_method_not_allowed)
            setattr(self, "post", partial(idempotency.once, self, handler, keyed))  # noqa: B010 - what dispatch asks for next
        if getattr(self, "action", None) in self.takes_nothing:
            Strict(data=request.data).is_valid(raise_exception=True)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(answer, Response):  # not a stream, nor what is replayed
            answer.add_post_render_callback(partial(tags.answer_conditionally, view=self))
        return answer

    def handle_exception(self, exc: Exception) -> Response:
        refused = super().handle_exception(exc)
        if isinstance(exc, PreconditionFailed):
            tags.give_current(refused, self, self.request)
        return refused

    def _refuse_repeated(self, request: Request) -> None:
        repeated = {name for name, values in request.query_params.lists() if len(values) > 1}
        if wrong := sorted(repeated - self._may_repeat()):
            raise RepeatedParameter(f"Give {', '.join(name[:100] for name in wrong[:_LISTED])} once.")

    def _may_repeat(self) -> set[str]:
        filters = getattr(getattr(self, "filterset_class", None), "base_filters", {})
        return {*self.repeatable, *(name for name, each in filters.items() if _takes_several(each))}


def _takes_several(each: Any) -> bool:
    return getattr(each, "conjoined", None) is not None
