"""Whether the contacts of an application are reached."""

from typing import ClassVar

from django.db import models

from varco import clock


class ContactCheck(models.Model):
    """That a code was sent to a contact of an application, and whether somebody there has read it. Times are epoch seconds."""

    application = models.ForeignKey("registry.Application", on_delete=models.CASCADE, related_name="contact_checks")
    address = models.EmailField(max_length=254)
    digest = models.CharField(max_length=64, blank=True, default="")  # keyed, of the code; empty once it was used
    tries = models.PositiveSmallIntegerField(default=0)  # wrong codes that were entered since it was sent
    sent_at = models.BigIntegerField(default=clock.now)
    confirmed_at = models.BigIntegerField(null=True, blank=True, default=None)
    # The mail with the code, as long as the outbox keeps it.
    message = models.ForeignKey("mail.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        """What the database itself keeps."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["application", "address"], name="contact_check_once"),
        ]

    def __str__(self) -> str:
        return f"{self.address} of {self.application}"
