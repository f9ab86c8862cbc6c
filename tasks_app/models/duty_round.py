"""DutyRound: when a standing duty last ended a round well, whichever beat did it."""

from django.db import models


class DutyRound(models.Model):
    name = models.CharField(max_length=100, primary_key=True, help_text="As `BEAT_DUTIES` names it.")
    ended_at = models.DateTimeField(help_text="By the database's clock.")
    beat = models.CharField(max_length=300, help_text="Host and process that ended it.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} {self.ended_at:%Y-%m-%d %H:%M:%S}"
