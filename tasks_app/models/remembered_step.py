"""RememberedStep: what a call under an agent's key came to, as long as that stands for every further call under it."""

from django.db import models

from tasks_app.models.kept_json import KeptJSONField


class RememberedStep(models.Model):
    pk = models.CompositePrimaryKey("agent", "tool", "key")
    agent = models.UUIDField(help_text="Whose run made the call.")
    tool = models.TextField(help_text="The tool's address.")
    key = models.CharField(max_length=255)
    output = KeptJSONField(null=True)
    kept_until = models.DateTimeField()

    class Meta:
        ordering = ["agent", "tool", "key"]
        indexes = [models.Index(fields=["kept_until"], name="remembered_until")]

    def __str__(self) -> str:
        return f"{self.tool} {self.key} of {self.agent}"
