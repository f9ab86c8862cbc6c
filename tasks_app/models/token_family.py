"""TokenFamily: one login of an agent, on which its access and refresh tokens hang."""

from typing import Final, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
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

    @classmethod
    def agent_proven_by(cls, family: UUID, *, agent: UUID) -> Agent | None:
        """The agent of a login that is alive, with the scopes that the login's tokens are good for; it is not to be saved.

        Asked at every request: by a statement that is put together once, which takes a tenth of the queryset's time.
        """
        with connection.cursor() as cursor:
            cursor.execute(_PROVEN, [family, agent])
            row = cursor.fetchone()
        if row is None:
            return None
        proven = Agent.from_db(connection.alias, _AGENT, row[1:])
        is_admin = proven.is_admin
        proven.scopes = cls(agent=proven, scopes=row[0]).scopes_now()
        proven.is_narrowed_admin = is_admin and not proven.is_admin
        return proven

    def scopes_now(self) -> list[str]:
        """What its tokens may do: what was asked for, as far as the agent still has it."""
        if self.scopes is None:
            return self.agent.scopes
        return [scope for scope in self.scopes if self.agent.is_admin or scope in self.agent.scopes]


_AGENT: Final = [field.attname for field in Agent._meta.concrete_fields]  # noqa: SLF001 - Django documents it
_PROVEN: Final = f"""
SELECT family.scopes, {", ".join(f'agent."{field.column}"' for field in Agent._meta.concrete_fields)}
  FROM {TokenFamily._meta.db_table} AS family
  JOIN {Agent._meta.db_table} AS agent ON agent.id = family.agent_id
 WHERE family.id = %s AND agent.id = %s AND family.revoked_at IS NULL AND agent.active
"""  # noqa: S608, SLF001 - names of ours
