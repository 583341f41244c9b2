"""Reading accounts."""

from django.db.models import QuerySet

from varco.accounts.models import User


def operators() -> QuerySet[User]:
    """Who decides about applications now (S1)."""
    return User.objects.filter(platform_role=User.PlatformRole.OPERATOR, is_active=True)


def read_again(user: User | None) -> User | None:
    """The account as it stands now; None if there is none any more."""
    return User.objects.filter(pk=user.pk).first() if user else None


def locked(user: User) -> User | None:
    """`read_again`, with the account's row locked until the transaction ends."""
    return User.objects.select_for_update().filter(pk=user.pk).first()
