"""Agent: a program that asks, with scopes."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from tasks_app.models.ids import new_id


class Agent(models.Model):
    """`is_narrowed_admin`: of who is proven by a login: the agent is an admin, and the login was begun for less."""

    is_narrowed_admin = False

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100, unique=True)
    scopes = ArrayField(models.CharField(max_length=100), default=list)
    secret_hash = models.CharField(max_length=200, editable=False)
    old_secret_hash = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)
    old_secret_until = models.DateTimeField(
        null=True, editable=False, help_text="When the secret before this one ends to be good."
    )
    active = models.BooleanField(default=True)
    runs_per_day = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Runs its tasks may have on one day (UTC)."
    )
    max_running = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Runs of its tasks that may go on at one time.",
    )
    calls_per_minute = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Calls with effects that its runs may make."
    )
    tokens_per_minute = models.PositiveBigIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Tokens that its runs' calls may use up."
    )
    microdollars_per_minute = models.PositiveBigIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Millionths of a dollar that they may cost."
    )
    min_cadence_seconds = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(86_400)],
        help_text="How near together two instants of its tasks' schedules may lie.",
    )
    requests_per_minute = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="How often it may ask the API."
    )
    webhook_url = models.CharField(
        max_length=2000, blank=True, default="", db_default="", help_text="Where its webhooks go that name no address."
    )
    runs_counted_on = models.DateField(null=True, editable=False)
    runs_counted = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    event_seq = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="agent_has_name", condition=~models.Q(name="")),
            models.CheckConstraint(name="agent_has_secret", condition=~models.Q(secret_hash="")),
            models.CheckConstraint(
                name="agent_old_secret_ends",
                condition=models.Q(old_secret_hash="", old_secret_until=None)
                | ~models.Q(old_secret_hash="") & models.Q(old_secret_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_budgeted(self) -> bool:
        """Whether what its runs' calls use up is limited."""
        return (self.calls_per_minute, self.tokens_per_minute, self.microdollars_per_minute) != (None, None, None)

    @property
    def is_admin(self) -> bool:
        return "admin" in self.scopes
