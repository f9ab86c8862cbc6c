"""Whose is a row? The one rule of who may see and change what, which every model with an owner has its rows asked by."""

from typing import ClassVar, Self, TypeVar

from django.db import models

from tasks_app.models.agent import Agent

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class OwnedQuerySet(models.QuerySet[Row_co]):
    """Of a model whose rows belong to agents. `owner` is the path from a row to its agent's id."""

    owner: ClassVar[str]

    def present(self) -> Self:
        """Those that are there for anybody: all, unless the model keeps rows that were deleted."""
        return self

    def owned_by(self, agent: Agent) -> Self:
        """Those that the agent may change: its own, or everything for an admin."""
        present = self.present()
        return present if agent.is_admin else present.filter(**{self.owner: agent.pk})

    def seen_by(self, agent: Agent) -> Self:
        """Those that the agent may look at: the ones that it owns, unless the model shows it more."""
        return self.owned_by(agent)

    def of_others(self, agent: Agent) -> Self:
        """Those that belong to another agent, be they shown to this one or not."""
        return self.filter(~models.Q(**{self.owner: agent.pk}), **{f"{self.owner}__isnull": False})
