"""What people are told of what others did to their account."""

from dataclasses import dataclass, field
from typing import ClassVar

from varco.mail.notifications import Notification


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
