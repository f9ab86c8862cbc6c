"""What every endpoint below /api/v1 does beside its own work."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Final

from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tasks_app.api import idempotency, methods, tags
from tasks_app.api.paging import PARAMETERS
from tasks_app.api.serializers.strict import Strict
from tasks_app.models import Agent
from tasks_app.services.guard import PreconditionFailed

_LISTED: Final = 5
_NONE: Final = "This address takes no parameters: leave it out."


class RepeatedParameter(ParseError):
    default_code = "repeated_parameter"


class Exact(APIView):
    """No parameter of the query that the address does not take, and none twice: passed over, it would show or do too much.

    `takes` names the parameters of each action; `lists` are the actions that take filters and pages besides. `repeatable`: what
    may come more than once, beside filters of several choices.
    """

    http_method_names = methods.ANSWERED
    takes: Mapping[str, Collection[str]] = {}
    lists: frozenset[str] = frozenset({"list"})
    repeatable: tuple[str, ...] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self._refuse_repeated(request)
        self._refuse_unknown(request)

    def _refuse_repeated(self, request: Request) -> None:
        repeated = {name for name, values in request.query_params.lists() if len(values) > 1}
        if wrong := sorted(repeated - self._may_repeat()):
            raise RepeatedParameter(f"Give {', '.join(name[:100] for name in wrong[:_LISTED])} once.")

    def _refuse_unknown(self, request: Request) -> None:
        if not request.query_params or not hasattr(self, str(request.method).lower()):
            return  # what is no method here is refused as that
        known = self._known()
        cure = f"There is no such parameter: use {', '.join(sorted(known))}." if known else _NONE
        if unknown := sorted(set(request.query_params) - known):
            raise ValidationError(dict.fromkeys(unknown, cure))

    def _known(self) -> set[str]:
        action = getattr(self, "action", None)
        known = {*self.takes.get(action or "", ())}
        if action in self.lists:
            known |= {*self._filters(), *getattr(self, "filterset_fields", ())}
            if getattr(self, "pagination_class", None) is not None:
                known |= PARAMETERS | ({"ordering"} if getattr(self, "orderings", ()) else set())
        return known

    def _may_repeat(self) -> set[str]:
        return {*self.repeatable, *(name for name, each in self._filters().items() if _takes_several(each))}

    def _filters(self) -> Mapping[str, Any]:
        filters: Mapping[str, Any] = getattr(getattr(self, "filterset_class", None), "base_filters", {})
        return filters


class Endpoint(Exact):
    """Idempotency-Key, entity tags, and no parameter that is unknown or there twice.

    `edition` names what a change can set, of resources that If-Match guards; `takes_nothing` the verbs whose body is empty.
    """

    edition: tuple[str, ...] = ()
    takes_nothing: frozenset[str] = frozenset({"cancel", "pause", "replay", "reset", "resume", "rotate"})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
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


def _takes_several(each: Any) -> bool:
    return getattr(each, "conjoined", None) is not None
