"""Applications that are to be told of the end of a session."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from varco.outbox import Outgoing


class LogoutNotice(Outgoing):
    """An application to be told that a session is over (OpenID Connect Back-Channel Logout 1.0).

    What it is told, and where, is decided when it is sent: by then another revision may be in force (S13).
    """

    application = models.ForeignKey("registry.Application", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+")
    sid = models.CharField(max_length=64)
    request_id = models.CharField(max_length=40)  # of the request that ended the session, for trace and audit

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["next_try_at"], name="logout_notice_due")]

    def __str__(self) -> str:
        return f"{self.application} about {self.user}"
