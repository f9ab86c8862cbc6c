"""Spending: what the calls of an agent in one minute, or of a task on one day (UTC), have used up. Only limited ones have rows."""

from django.db import models


class Spending(models.Model):
    pk = models.CompositePrimaryKey("owner", "begins_at")
    owner = models.UUIDField(help_text="The agent, or the task.")
    begins_at = models.DateTimeField(help_text="Of the minute or the day, in which the calls began.")
    calls = models.PositiveBigIntegerField(db_default=0)
    tokens = models.PositiveBigIntegerField(db_default=0)
    microdollars = models.PositiveBigIntegerField(db_default=0)

    class Meta:
        ordering = ["owner", "begins_at"]
        indexes = [models.Index(fields=["begins_at"], name="spending_age")]

    def __str__(self) -> str:
        return f"{self.owner} {self.begins_at:%Y-%m-%d %H:%M}: {self.calls} calls"
