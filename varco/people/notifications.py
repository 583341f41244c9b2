"""What people are told of what others did to their account."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from varco.accounts.models import User
from varco.mail.notifications import Notification
from varco.people.models import Proposal
from varco.tenants.models import Tenant


@dataclass(frozen=True)
class AccountInvited(Notification):
    """To somebody new: the link to their first password, good for `days` and once."""

    code: ClassVar[str] = "account_invited"
    secret: str = field(repr=False)
    days: int


@dataclass(frozen=True)
class FactorsReset(Notification):
    """To the person: their second factors are gone; `password_too`, that their short password opens nothing by itself."""

    code: ClassVar[str] = "account_factors_reset"
    password_too: bool


@dataclass(frozen=True)
class MemberInvited(Notification):
    """To an address, with an account or without: the link by which its reader joins a clinic, good for `days` and once."""

    code: ClassVar[str] = "member_invited"
    secret: str = field(repr=False)
    days: int
    tenant: Tenant
    role: str
    by: User | None


class MemberAct(StrEnum):
    """What was done to a member."""

    CHANGED = "changed"
    DEACTIVATED = "deactivated"
    ACTIVATED = "activated"


@dataclass(frozen=True)
class MemberChanged(Notification):
    """To a member: the clinic's manager `by` has changed what they may do there; `role` and `permissions` hold now."""

    code: ClassVar[str] = "member_changed"
    tenant: Tenant
    act: MemberAct
    role: str
    permissions: tuple[str, ...]
    by: User | None


@dataclass(frozen=True)
class ManagerTookPermissions(Notification):
    """To the other managers and the data protection officer: a manager gave themselves these permissions, and why."""

    code: ClassVar[str] = "member_took_permissions"
    tenant: Tenant
    person: User
    permissions: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class DataOfficerChanged(Notification):
    """To the former address, and to whoever else watches over the clinic: the data protection officer's address is another one."""

    code: ClassVar[str] = "tenant_officer_changed"
    tenant: Tenant
    person: User
    before: str
    after: str


@dataclass(frozen=True)
class TenantStateChanged(Notification):
    """To a clinic's managers: it is suspended, active again or closed, which its state says, and why."""

    code: ClassVar[str] = "tenant_state_changed"
    tenant: Tenant
    reason: str


@dataclass(frozen=True)
class ProposalMade(Notification):
    """To every other operator: something waits for one of them to confirm it."""

    code: ClassVar[str] = "proposal_made"
    proposal: Proposal


@dataclass(frozen=True)
class OperatorMade(Notification):
    """To every operator, the new one too: two of them made another one."""

    code: ClassVar[str] = "operator_made"
    proposal: Proposal


@dataclass(frozen=True)
class OperatorEnded(Notification):
    """To every operator and to who was one: two of them took the role away."""

    code: ClassVar[str] = "operator_ended"
    proposal: Proposal


@dataclass(frozen=True)
class AccountSwitched(Notification):
    """To the person: an operator has locked their account, or lets them sign in again (`active`)."""

    code: ClassVar[str] = "account_switched"
    active: bool


@dataclass(frozen=True)
class RegistrationBegun(Notification):
    """To an address that nobody has shown to be theirs yet: the link that makes the account, good for `hours` and once."""

    code: ClassVar[str] = "account_registration"
    secret: str = field(repr=False)
    hours: int


@dataclass(frozen=True)
class AccountExists(Notification):
    """To somebody whose address was registered once more: there is an account already."""

    code: ClassVar[str] = "account_exists"


@dataclass(frozen=True)
class AccountClosed(Notification):
    """To the address that a closed account had: it is closed."""

    code: ClassVar[str] = "account_closed"


@dataclass(frozen=True)
class AddressChanged(Notification):
    """To the former address of an account: it has another one now, and the link takes that back, for some days and once."""

    code: ClassVar[str] = "account_address_changed"
    secret: str = field(repr=False)
    before: str
    after: str
    ip: str
    user_agent: str


@dataclass(frozen=True)
class AddressConfirmed(Notification):
    """To the new address of an account: it is the one to sign in with, no longer `before`."""

    code: ClassVar[str] = "account_address_confirmed"
    before: str


@dataclass(frozen=True)
class AddressRestored(Notification):
    """To the address that was taken back: it counts again, no longer `after`, and a new password is to be set."""

    code: ClassVar[str] = "account_address_restored"
    after: str
