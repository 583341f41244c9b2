"""Reading accounts."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Count, Max, Min, Q, QuerySet

from varco import clock
from varco.accounts.addresses import canonical
from varco.accounts.models import AddressChange, DemoMark, FailedAttempt, Invitation, PendingAccount, User
from varco.searching import containing


def developers(those: Q) -> QuerySet[User]:
    """Of some accounts those who can sign in and have the Developer role."""
    return User.objects.filter(those, is_active=True, developer_since__isnull=False)


def operators() -> QuerySet[User]:
    """Who decides about applications now (S1)."""
    return User.objects.filter(platform_role=User.PlatformRole.OPERATOR, is_active=True)


def by_email(email: str) -> User | None:
    """The account that signs in with this address, in any case; None for an unknown one."""
    return User.objects.filter(email=canonical(email)).first()


def by_emails(emails: Iterable[str]) -> QuerySet[User]:
    """The accounts with these addresses, each in the form in which they are kept."""
    return User.objects.filter(email__in=list(emails))


def with_part_of_email(part: str) -> QuerySet[User, int]:
    """Keys of the accounts whose address holds a text, in any case."""
    return User.objects.filter(email__icontains=part).values_list("pk", flat=True)


def eldest(limit: int) -> QuerySet[User]:
    """The first accounts of this installation that may sign in."""
    return User.objects.filter(is_active=True).order_by("pk")[:limit]


def everybody() -> QuerySet[User]:
    """Every account of this installation, by address."""
    return User.objects.order_by("email")


def search(words: str = "", role: str = "", state: str = "") -> QuerySet[User]:
    """Accounts by parts of name and address, by role for the vendor (`operator`, `support`, `developer`) and state, by address.

    `state`: `active`, `locked`, or `invited` for those without a password.
    """
    found = containing(User.objects.order_by("email"), words, "email", "given_name", "family_name")
    if role == "developer":
        found = found.exclude(developer_since=None)
    elif role:
        found = found.filter(platform_role=role)
    if state == "invited":
        return found.filter(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return found.filter(is_active=state == "active") if state else found


def by_subject(subject: str) -> User | None:
    """The account with a `sub`, whatever its state."""
    return User.objects.filter(public_id=subject).first()


def names_of(subjects: Iterable[str]) -> Mapping[str, str]:
    """The names of the people with these `sub`s; one statement, for none too."""
    return {user.public_id: user.name for user in User.objects.filter(public_id__in=[*subjects, ""])}


def of_roles() -> Mapping[str, int]:
    """How many accounts that may sign in have each role for the vendor."""
    active = User.objects.filter(is_active=True)
    counted = dict(active.exclude(platform_role="").values_list("platform_role").annotate(Count("pk")).order_by())
    return counted | {"developer": active.exclude(developer_since=None).count()}


def is_demo() -> bool:
    """Whether these databases were filled by `varco demo`."""
    return DemoMark.objects.exists()


def among(emails: Iterable[str]) -> QuerySet[User]:
    """The accounts with one of these addresses, in the lower case in which they are kept."""
    return User.objects.filter(email__in=list(emails))


def invited(digest: str) -> User | None:
    """Whose invitation has this hash, if it still stands and the account may sign in."""
    found = Invitation.objects.filter(digest=digest, expires_at__gt=clock.now(), user__is_active=True)
    invitation = found.select_related("user").first()
    return invitation.user if invitation else None


def invitation_ends(user: User) -> int | None:
    """When an invitation that nobody has used ends, or ended (epoch seconds); None where there is none."""
    return Invitation.objects.filter(user=user).values_list("expires_at", flat=True).first()


def pending(digest: str) -> PendingAccount | None:
    """The account that this link makes, if it still stands."""
    return PendingAccount.objects.filter(digest=digest, expires_at__gt=clock.now()).first()


def address_change(digest: str) -> AddressChange | None:
    """The change of an address that this link undoes, if it still can."""
    found = AddressChange.objects.filter(digest=digest, undo_until__gt=clock.now())
    return found.select_related("user").first()


def address_changes_of(user: User) -> QuerySet[AddressChange]:
    """The changes of somebody's address that can still be undone, the newest first."""
    return AddressChange.objects.filter(user=user, undo_until__gt=clock.now()).order_by("-pk")


def read_again(user: User | None) -> User | None:
    """The account as it stands now; None if there is none any more."""
    return User.objects.filter(pk=user.pk).first() if user else None


def of_subject(subject: str) -> User | None:
    """The account with a `sub`, if it may sign in."""
    return User.objects.filter(public_id=subject, is_active=True).first()


def of_any_state(subject: str) -> User | None:
    """The account with a `sub`, deactivated ones too."""
    return None if "\0" in subject else User.objects.filter(public_id=subject).first()


def staff() -> QuerySet[User]:
    """The vendor's people who work tickets: support, and operators (S1)."""
    return User.objects.exclude(platform_role="").filter(is_active=True).order_by("email")


def locked(user: User) -> User | None:
    """`read_again`, with the account's row locked until the transaction ends.

    Its key stays free: whoever writes a row that names the account waits for nobody, and nobody for both.
    """
    return User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()


def locked_with_operators(user: User) -> list[User]:
    """The account and every operator, their rows locked until the transaction ends, always in the same order."""
    wanted = Q(pk=user.pk) | Q(platform_role=User.PlatformRole.OPERATOR, is_active=True)
    return list(User.objects.select_for_update().filter(wanted).order_by("pk"))


class Failures(NamedTuple):
    """Failed attempts under one key: how many, and when the first and the last of them was (epoch milliseconds)."""

    number: int
    first_ms: int
    last_ms: int


def failed_attempts(since_ms: Mapping[str, int]) -> dict[str, Failures]:
    """What failed under each key after its moment (epoch milliseconds); keys without any are left out."""
    recent = (Q(key=key, at_ms__gt=moment) for key, moment in since_ms.items())
    rows = FailedAttempt.objects.filter(reduce(or_, recent)).values_list("key")
    counted = rows.annotate(Count("pk"), Min("at_ms"), Max("at_ms"))
    return {key: Failures(*figures) for key, *figures in counted}


def named(words: str, limit: int) -> QuerySet[User]:
    """Accounts whose name or address has all of some words, by name."""
    found = User.objects.order_by("family_name", "given_name", "pk")
    return containing(found, words, "given_name", "family_name", "email")[:limit]
