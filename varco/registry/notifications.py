"""What developers and operators are told of an application, by kind; `registry.access.whom_to_tell` says whom."""

from dataclasses import dataclass
from typing import ClassVar

from varco.accounts.models import User
from varco.mail.notifications import Notification
from varco.registry.models import Application, Revision, Secret


@dataclass(frozen=True)
class ApplicationSubmitted(Notification):
    """To the operators: a revision waits for review, handed in by `person`."""

    code: ClassVar[str] = "application_submitted"
    application: Application
    revision: Revision
    person: User


@dataclass(frozen=True)
class ApplicationApproved(Notification):
    """To the developer: a revision is in force; `first` is the one that brings the `client_id` (S11)."""

    code: ClassVar[str] = "application_approved"
    application: Application
    revision: Revision
    first: bool
    secrets_until: int = 0  # epoch seconds; it has moved to keys, and its secrets are taken until then


@dataclass(frozen=True)
class ApplicationChangesRequested(Notification):
    """To the developer: a revision was sent back, and why (S11)."""

    code: ClassVar[str] = "application_changes_requested"
    application: Application
    revision: Revision


@dataclass(frozen=True)
class ApplicationRejected(Notification):
    """To the developer: a revision was refused, and why (S11)."""

    code: ClassVar[str] = "application_rejected"
    application: Application
    revision: Revision


@dataclass(frozen=True)
class ApplicationSuspended(Notification):
    """To the developer: the application was stopped, and why (S16)."""

    code: ClassVar[str] = "application_suspended"
    application: Application
    reason: str


@dataclass(frozen=True)
class ApplicationRestored(Notification):
    """To the developer: the application works again; the operator's message may be empty."""

    code: ClassVar[str] = "application_restored"
    application: Application
    reason: str


@dataclass(frozen=True)
class ApplicationRetired(Notification):
    """To its developers: one of them has ended an application for good (S16)."""

    code: ClassVar[str] = "application_retired"
    application: Application
    by: User


@dataclass(frozen=True)
class ApplicationRenamed(Notification):
    """To the operators: `person` gave an application in force another name or publisher."""

    code: ClassVar[str] = "application_renamed"
    application: Application
    name_before: str
    publisher_before: str
    person: User


@dataclass(frozen=True)
class ApplicationLogoChanged(Notification):
    """To the operators: `person` gave an application in force another logo."""

    code: ClassVar[str] = "application_logo_changed"
    application: Application
    person: User


@dataclass(frozen=True)
class SecretExpires(Notification):
    """To its developers: a secret is refused from `expires_at` on, in at most `days` days; `others`: live ones besides it."""

    code: ClassVar[str] = "secret_expires"
    application: Application
    secret: Secret
    days: int
    others: int


@dataclass(frozen=True)
class SecretsEndSoon(Notification):
    """To its developers: it signs with its own keys, and its secrets are refused from `ends_at` on; `last_used_at` 0: never used."""

    code: ClassVar[str] = "secrets_end_soon"
    application: Application
    ends_at: int
    last_used_at: int


@dataclass(frozen=True)
class SecretsEnded(Notification):
    """To its developers: it signs with its own keys, and its secrets are refused now; `by` nobody: the date did it."""

    code: ClassVar[str] = "secrets_ended"
    application: Application
    by: User | None
    last_used_at: int


@dataclass(frozen=True)
class SecretLeaked(Notification):
    """To its developers: `by` said that a secret leaked; it is refused from `ends_at` on, and `grants`: everybody's access ended."""

    code: ClassVar[str] = "secret_leaked"
    application: Application
    secret: Secret
    by: User
    ends_at: int
    grants: bool


@dataclass(frozen=True)
class ContactToConfirm(Notification):
    """To a contact, who may have no account: a developer asks whether mail reaches them, and needs this code back."""

    code: ClassVar[str] = "contact_to_confirm"
    application: Application
    person: User
    answer: str
