"""Tool: a capability that somebody brought, beside those that are built in."""

from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Now

from tasks_app.models.ids import new_id
from tasks_app.models.json_field import JSONField
from tasks_app.states import ToolApproval

DEFINITION: Final = (
    "address",
    "transport",
    "settings",
    "input_schema",
    "output_schema",
    "timeout_seconds",
    "scopes",
    "cost_tier",
    "description",
    "examples",
    "pure",
    "safe_to_retry",
    "max_retries",
    "rate_limit",
)


class Tool(models.Model):
    """Its newest version. Every change of what `DEFINITION` names is a version of its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Sorted by bytes, as Python does: lists put these between the built-in ones.
    address = models.CharField(max_length=200, unique=True, db_collation="C")
    transport = models.CharField(max_length=20)
    settings = JSONField(default=dict)
    input_schema = JSONField(default=dict)
    output_schema = JSONField(default=dict)
    timeout_seconds = models.FloatField(default=30.0, help_text="Of one call, unless its step says otherwise.")
    scopes = ArrayField(
        models.CharField(max_length=100), default=list, help_text="What a step's agent needs to use it."
    )
    cost_tier = models.CharField(max_length=40, default="free")
    description = models.TextField(blank=True, default="", validators=[MaxLengthValidator(4000)])
    examples = JSONField(default=list)
    pure = models.BooleanField(default=False, help_text="A second call does nothing that the first has not done.")
    safe_to_retry = models.BooleanField(
        default=False, help_text="A second call with the same idempotency key does no harm."
    )
    max_retries = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(10)], help_text="Of steps that say nothing about it themselves."
    )
    rate_limit = models.CharField(max_length=20, null=True, blank=True, help_text="Such as 10/m; empty for no limit.")
    enabled = models.BooleanField(default=True)
    approval = models.CharField(max_length=20, choices=ToolApproval, default=ToolApproval.APPROVED)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["address"]
        constraints = [
            models.CheckConstraint(name="tool_approval_known", condition=Q(approval__in=ToolApproval.values)),
            models.CheckConstraint(name="tool_has_time", condition=Q(timeout_seconds__gt=0)),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def definition(self) -> dict[str, Any]:
        """What the version says."""
        return {name: getattr(self, name) for name in DEFINITION}


class ToolVersion(models.Model):
    pk = models.CompositePrimaryKey("tool_id", "version")
    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="versions", db_index=False)
    version = models.PositiveIntegerField()
    definition = JSONField()
    by = models.CharField(max_length=160, help_text="agent:<id>, user:<name> or system.")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["tool_id", "-version"]

    def __str__(self) -> str:
        return f"{self.definition['address']} (version {self.version})"


class CatalogueStampQuerySet(models.QuerySet["CatalogueStamp"]):
    def renew(self) -> None:
        """Say that tools or secrets are others from now on. Whoever else changes some waits until the transaction ends."""
        self.bulk_create(
            [CatalogueStamp(id=1, value=uuid4())],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["value"],
        )


class CatalogueStamp(models.Model):
    """One row: another value means that tools or secrets have changed. Processes ask for nothing else each second."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    value = models.UUIDField()

    objects = CatalogueStampQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(name="catalogue_stamp_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def now(cls) -> UUID | None:
        """The value, or None before anything was brought. By a plain statement: it is asked for at every save."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT value FROM {cls._meta.db_table}")  # noqa: S608 - a name of ours
            found: list[tuple[UUID]] = cursor.fetchall()
        return found[0][0] if found else None
