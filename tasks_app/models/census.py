"""Census: the runs of an agent are being counted, since it has got a limit. None where they have been."""

from typing import Final
from uuid import UUID

from django.db import models

from tasks_app.models.agent import Agent

FIRST: Final = UUID(int=0)
LAST: Final = UUID(int=2**128 - 1)


class Census(models.Model):
    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, related_name="+")
    begun = models.BooleanField(
        default=False, db_default=False, help_text="Whoever plans runs of the agent knows of the limit by now."
    )
    task = models.UUIDField(default=FIRST, help_text="Up to which of the agent's tasks the runs have been counted.")
    run = models.UUIDField(default=FIRST, help_text="Down to which run of that task.")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.agent_id}: {self.task} {self.run}"
