"""TokenFamily: one login of an agent, on which its access and refresh tokens hang."""

from typing import Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from tasks_app.models.agent import Agent
from tasks_app.models.ids import new_id


class TokenFamilyQuerySet(models.QuerySet["TokenFamily"]):
    def alive(self) -> Self:
        return self.filter(revoked_at=None, agent__active=True)

    def proven_by(self, family: UUID, *, agent: UUID) -> Self:
        return self.alive().filter(pk=family, agent=agent)

    def revoke(self) -> int:
        """End them; answers how many were not revoked before. Their tokens are refused from the commit on, everywhere."""
        return self.filter(revoked_at=None).update(revoked_at=Now())


class TokenFamily(models.Model):
    """`generation` counts its refreshes: of its refresh tokens, only the one of this number is good for another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="token_families")
    scopes = ArrayField(
        models.CharField(max_length=100), null=True, help_text="What was asked for; null for all that the agent has."
    )
    generation = models.PositiveIntegerField(default=1, db_default=1)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    refreshed_at = models.DateTimeField(null=True, help_text="When the generation was last raised.")
    expires_at = models.DateTimeField(help_text="No token of the family outlives this.")
    revoked_at = models.DateTimeField(null=True)

    objects = TokenFamilyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "token families"
        indexes = [models.Index(fields=["expires_at"], name="token_family_to_forget")]
        constraints = [
            models.CheckConstraint(
                name="token_family_refreshed_after_first",
                condition=models.Q(generation=1, refreshed_at=None)
                | models.Q(generation__gt=1, refreshed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.pk}"

    def scopes_now(self) -> list[str]:
        """What its tokens may do: what was asked for, as far as the agent still has it."""
        if self.scopes is None:
            return self.agent.scopes
        return [scope for scope in self.scopes if self.agent.is_admin or scope in self.agent.scopes]
