"""Mails about applications: rows of the outbox, written in the transaction of what they tell, each in its reader's language."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from varco.accounts.models import User
from varco.mail.services import enqueue
from varco.registry.models import Application, Revision
from varco.registry.reasons import Reason


def submitted(application: Application, revision: Revision) -> None:
    """Tell the operators that a revision waits."""
    for operator in _operators(application):
        _send("submitted", operator, application, "staff:review", [revision.pk], revision=revision)


def decided(application: Application, revision: Revision) -> None:
    """Tell the developer what was decided, and why (S11)."""
    first = revision.state == Revision.State.APPROVED and not application.revisions.filter(
        state=Revision.State.APPROVED, number__lt=revision.number
    ).exists()  # fmt: skip
    _send(
        revision.state,
        application.owner,
        application,
        "developer:client",
        [application.pk],
        revision=revision,
        first=first,
    )


def suspended(application: Application, reason: str) -> None:
    """Tell the developer that the application was stopped, and why (S16)."""
    _send("suspended", application.owner, application, "developer:client", [application.pk], reason=reason)


def restored(application: Application, reason: str) -> None:
    """Tell the developer that the application works again."""
    _send("restored", application.owner, application, "developer:client", [application.pk], reason=reason)


def renamed(application: Application, *, before: Mapping[str, Any]) -> None:
    """Tell the operators that an application in force now goes by another name or publisher."""
    for operator in _operators(application):
        _send("renamed", operator, application, "staff:application", [application.pk], before=before)


def _operators(application: Application) -> list[User]:
    everyone = User.objects.filter(platform_role=User.PlatformRole.OPERATOR, is_active=True)
    return list(everyone.exclude(pk=application.owner_id))


def _send(name: str, to: User, application: Application, page: str, arguments: list[int], **context: Any) -> None:
    """Write one mail; the first line of its template is the subject."""
    revision = context.get("revision")
    with translation.override(to.language):
        text = render_to_string(
            f"mail/registry/{name}.txt",
            {
                "application": application,
                "to": to,
                "vendor": settings.VARCO.vendor,
                "url": settings.VARCO.issuer + reverse(page, args=arguments),
                "reasons": [Reason(code).label for code in revision.decision_codes] if revision else [],
                **context,
            },
        )
    subject, _, body = text.strip().partition("\n")
    enqueue(to.email, subject.strip(), body.strip() + "\n")
