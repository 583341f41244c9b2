"""What people are told of integrator access, each to one side: the clinic's managers, or whoever has it."""

from dataclasses import dataclass, field
from typing import ClassVar

from varco.integrators.models import IntegratorAccess
from varco.mail.notifications import Notification
from varco.registry.models import Application
from varco.tenants.models import Tenant


@dataclass(frozen=True)
class IntegratorInvited(Notification):
    """To the invited address: the link, good once and for `hours`."""

    code: ClassVar[str] = "integrator_invited"
    access: IntegratorAccess
    secret: str = field(repr=False)
    hours: int


@dataclass(frozen=True)
class IntegratorStarted(Notification):
    """To the managers: the invitation was accepted."""

    code: ClassVar[str] = "integrator_started"
    access: IntegratorAccess


@dataclass(frozen=True)
class IntegratorEnding(Notification):
    """To both sides: it ends in so many days."""

    code: ClassVar[str] = "integrator_ending"
    access: IntegratorAccess
    days: int
    to_manager: bool


@dataclass(frozen=True)
class IntegratorIdle(Notification):
    """To both sides: nobody uses it; unless somebody does, it ends at `until`."""

    code: ClassVar[str] = "integrator_idle"
    access: IntegratorAccess
    days: int
    until: int
    to_manager: bool


@dataclass(frozen=True)
class IntegratorDatesChanged(Notification):
    """To both sides: it has another last day."""

    code: ClassVar[str] = "integrator_dates_changed"
    access: IntegratorAccess
    to_manager: bool


@dataclass(frozen=True)
class IntegratorEnded(Notification):
    """To both sides: it has ended; to the managers with the way to its report."""

    code: ClassVar[str] = "integrator_ended"
    access: IntegratorAccess
    to_manager: bool


@dataclass(frozen=True)
class IntegratorToConfirm(Notification):
    """To the managers: unless one of them confirms it, it ends at `until`."""

    code: ClassVar[str] = "integrator_to_confirm"
    access: IntegratorAccess
    until: int


@dataclass(frozen=True)
class ConnectionToConfirm(Notification):
    """To the managers: unless one of them confirms the application, it is blocked at `until`."""

    code: ClassVar[str] = "connection_to_confirm"
    tenant: Tenant
    application: Application
    until: int


@dataclass(frozen=True)
class ConnectionUnconfirmed(Notification):
    """To the managers: nobody confirmed the application, and it is blocked for the clinic."""

    code: ClassVar[str] = "connection_unconfirmed"
    tenant: Tenant
    application: Application
