"""What a caller may do: nothing, unless the view names the scope that allows it."""

from typing import TYPE_CHECKING, Final

from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tasks_app.api.authentication import agent_of
from tasks_app.models import Agent

if TYPE_CHECKING:  # the framework loads this module while it loads its views
    from rest_framework.views import APIView

ADMIN: Final = "admin"
_OUTLIVED: Final = (
    "This login of an admin was begun for less than `admin`, and what it asks for outlives it and acts with all that its agent "
    "may do: log in with all scopes."
)


class HasScope(BasePermission):
    """The view's `scopes` name the scope that each action needs; what they do not name is refused.

    Its `outliving` names the actions whose work goes on after the login, with all that the agent may do.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if request.user is None:
            return False
        if request.method not in view.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        action = getattr(view, "action", request.method.lower())
        scopes: dict[str, str] = getattr(view, "scopes", {})
        needed = scopes.get(action)
        if needed is None or not has(agent_of(request), needed):
            raise PermissionDenied(_cure(needed))
        if agent_of(request).is_narrowed_admin and action in getattr(view, "outliving", ()):
            raise PermissionDenied(_OUTLIVED)
        return True


def has(agent: Agent, scope: str) -> bool:
    """Whether the agent has the scope; `admin` stands for all."""
    return agent.is_admin or scope in agent.scopes


def _cure(needed: str | None) -> str:
    if needed is None:
        return "Nobody may do this."
    return f"This needs the scope {needed}, which an administrator gives."
