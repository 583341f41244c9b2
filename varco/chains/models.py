"""What the tables of chained rows have in common."""

from django.db import models


class ChainedRow(models.Model):
    """A row with its place in a chain; without one until it is linked, shortly after it was committed."""

    seq = models.BigIntegerField(null=True, blank=True, default=None)
    digest = models.BinaryField(null=True, blank=True, default=None)

    class Meta:
        abstract = True


class ChainState(models.Model):
    """Where a stream ends. `proof` is an HMAC: nobody moves the end back by hand."""

    stream = models.CharField(max_length=60, primary_key=True)
    seq = models.BigIntegerField()
    digest = models.BinaryField()
    proof = models.BinaryField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.stream} at {self.seq}"


def chain_indexes(name: str) -> list[models.Index]:
    """The index by which rows without a place are found; of what has one it holds nothing."""
    return [models.Index(fields=["id"], condition=models.Q(seq=None), name=f"{name}_unlinked")]
