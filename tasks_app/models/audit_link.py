"""AuditLink: an audit entry's place in the chain, which the database gives it at the commit."""

from django.db import models


class AuditLink(models.Model):
    """`digest` is the SHA-256 of the digest before it and of the entry: whoever alters an entry must alter all that follow.

    Positions have no hole, in the order of the commits. The table takes no UPDATE, DELETE or TRUNCATE.
    """

    position = models.BigIntegerField(primary_key=True)
    entry = models.BigIntegerField(unique=True, help_text="The id of the audit entry.")
    digest = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.position}:{bytes(self.digest).hex()}"
