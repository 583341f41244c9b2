"""Words of notifications: a template for each kind, whose first line is the subject, and the page that it leads to."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from varco import catalog
from varco.mail.notifications import Contact, Mail, Notification, Reader, compose_with
from varco.people.notifications import (
    AccountClosed,
    AccountExists,
    AccountInvited,
    AccountSwitched,
    AddressChanged,
    AddressConfirmed,
    AddressRestored,
    DataOfficerChanged,
    FactorsReset,
    ManagerTookPermissions,
    MemberChanged,
    MemberInvited,
    OperatorEnded,
    OperatorMade,
    ProposalMade,
    RegistrationBegun,
    TenantStateChanged,
)
from varco.portal import change_notifications, integrator_notifications, review_notifications, team_notifications
from varco.portal.common.registration_display import reason_labels
from varco.portal.common.ticket_words import kind_name
from varco.portal.templatetags.times import plain_moment
from varco.registry.models import Secret
from varco.registry.notifications import (
    ApplicationApproved,
    ApplicationChangesRequested,
    ApplicationLogoChanged,
    ApplicationRejected,
    ApplicationRenamed,
    ApplicationRestored,
    ApplicationRetired,
    ApplicationSubmitted,
    ApplicationSuspended,
    ContactToConfirm,
    SecretExpires,
    SecretLeaked,
    SecretsEnded,
    SecretsEndSoon,
)
from varco.tickets.notifications import (
    DeveloperActivated,
    DeveloperDeactivated,
    DeveloperInvited,
    DeveloperRefused,
    IntroductionBegun,
    IntroductionEnded,
    TicketAnswered,
    TicketClosed,
    TicketDecided,
    TicketOpened,
    TicketReceived,
    TicketToConfirm,
)


def _review(notification: Any) -> str:
    return reverse("staff:review", args=[notification.revision.pk])


def _for_operators(notification: Any) -> str:
    return reverse("staff:application", args=[notification.application.pk])


def _for_developers(notification: Any) -> str:
    return reverse("developer:client", args=[notification.application.pk])


def _about_contacts(_notification: Any) -> str:
    return reverse("documentation:page", args=["application-page"])


def _invitation(notification: Any) -> str:
    return f"{reverse('account:invitation')}?{urlencode({'token': notification.secret})}"


def _registration(notification: Any) -> str:
    return f"{reverse('account:registration_confirm')}?{urlencode({'token': notification.secret})}"


def _sign_in(_: Any) -> str:
    return reverse("account_login")


def _undo(notification: Any) -> str:
    return f"{reverse('account:undo_address')}?{urlencode({'token': notification.secret})}"


def _new_password(_: Any) -> str:
    return reverse("account_reset_password")


def _account(notification: Any) -> str:
    return reverse("account_reset_password" if notification.password_too else "account:overview")


def _joining(notification: Any) -> str:
    return f"{reverse('clinic:join')}?{urlencode({'token': notification.secret})}"


def _member(notification: Any) -> str:
    return reverse("clinic:person", args=[notification.person.public_id])


def _clinic_settings(_notification: Any) -> str:
    return reverse("clinic:settings")


def _own_account(_notification: Any) -> str:
    return reverse("account:overview")


def _proposal(notification: Any) -> str:
    return reverse("administration:proposal", args=[notification.proposal.pk])


def _user(notification: Any) -> str:
    return reverse("administration:user", args=[notification.proposal.user.public_id])


def _ticket(notification: Any) -> str:
    return reverse("tickets:ticket", args=[notification.ticket.number])


def _at_the_desk(notification: Any) -> str:
    return reverse("support:ticket", args=[notification.ticket.number])


def _developer_role(_notification: Any) -> str:
    return reverse("tickets:developer_role")


def _tickets(_notification: Any) -> str:
    return reverse("tickets:list")


PAGES: Mapping[str, Callable[[Any], str]] = {
    ApplicationSubmitted.code: _review,
    ApplicationApproved.code: _for_developers,
    ApplicationChangesRequested.code: _for_developers,
    ApplicationRejected.code: _for_developers,
    ApplicationSuspended.code: _for_developers,
    ApplicationRestored.code: _for_developers,
    ApplicationRetired.code: _for_developers,
    ApplicationRenamed.code: _for_operators,
    ApplicationLogoChanged.code: _for_operators,
    SecretExpires.code: _for_developers,
    SecretLeaked.code: _for_developers,
    SecretsEndSoon.code: _for_developers,
    SecretsEnded.code: _for_developers,
    ContactToConfirm.code: _about_contacts,
    AccountInvited.code: _invitation,
    FactorsReset.code: _account,
    AccountSwitched.code: _own_account,
    MemberInvited.code: _joining,
    MemberChanged.code: _own_account,
    ManagerTookPermissions.code: _member,
    DataOfficerChanged.code: _clinic_settings,
    TenantStateChanged.code: _own_account,
    ProposalMade.code: _proposal,
    OperatorMade.code: _user,
    OperatorEnded.code: _own_account,
    **integrator_notifications.PAGES,
    **review_notifications.PAGES,
    **team_notifications.PAGES,
    **change_notifications.PAGES,
    RegistrationBegun.code: _registration,
    AccountExists.code: _new_password,
    TicketReceived.code: _ticket,
    TicketOpened.code: _at_the_desk,
    TicketAnswered.code: _ticket,
    TicketDecided.code: _ticket,
    TicketClosed.code: _ticket,
    TicketToConfirm.code: _ticket,
    DeveloperActivated.code: _developer_role,
    DeveloperInvited.code: _invitation,
    DeveloperRefused.code: _developer_role,
    DeveloperDeactivated.code: _developer_role,
    IntroductionBegun.code: _ticket,
    IntroductionEnded.code: _tickets,
    AddressChanged.code: _undo,
    AccountClosed.code: _sign_in,
    AddressConfirmed.code: _own_account,
    AddressRestored.code: _new_password,
}
"""The address that each kind leads its reader to; the template is `mail/<code>.txt`."""


def compose(notification: Notification, reader: Reader) -> Mail:
    """Word a notification in the reader's language."""
    given = {field.name: getattr(notification, field.name) for field in fields(notification)}
    with translation.override(reader.language):
        given["reader"] = reader
        context = given | {
            "vendor": settings.VARCO.vendor,
            "url": settings.VARCO.issuer + PAGES[notification.code](notification),
            "reasons": reason_labels(given["revision"]) if "revision" in given else [],
            **_of_the_catalogue(given),
            **integrator_notifications.words(given),
            **review_notifications.words(given),
            **team_notifications.words(given),
            **change_notifications.words(given),
            "secret_end": _secret_end(given),
            "used": _moment(given, "last_used_at"),
            "secrets_end": _moment(given, "secrets_until") or _moment(given, "ends_at"),
            "kind": kind_name(given["ticket"]) if "ticket" in given else "",
        }
        text = render_to_string(f"mail/{notification.code}.txt", context)
        subject, _, body = text.strip().partition("\n")
        framed = {
            "reader": reader,
            "body": body.strip(),
            "vendor": settings.VARCO.vendor,
            "issuer": settings.VARCO.issuer,
            "contact_of": given["application"].name if isinstance(reader, Contact) else "",
        }
        letter = render_to_string("mail/frame/letter.txt", framed).strip() + "\n"
        return Mail(subject.strip(), letter, reader.language)


def _secret_end(given: Mapping[str, Any]) -> str:
    """When the secret that a notification is about is refused; empty where it is about none."""
    secret = given.get("secret")
    return plain_moment(given.get("ends_at", secret.expires_at)) if isinstance(secret, Secret) else ""


def _moment(given: Mapping[str, Any], name: str) -> str:
    """A time of the notification in words; empty where it has none."""
    return plain_moment(given[name]) if given.get(name) else ""


def _of_the_catalogue(given: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a role and of permissions that a notification names."""
    known = catalog.current()
    role = known.roles.get(given.get("role", ""))
    names = given.get("permissions", ())
    return {
        "role_words": role.label if role else None,
        "permission_words": [known.permissions[name].label for name in names if name in known.permissions],
    }


def connect() -> None:
    """Have the portal word every notification. Raises `ImproperlyConfigured` for a kind without words."""
    compose_with(compose, PAGES.keys())
