"""Changing accounts."""

from collections.abc import Iterable

from django.db.models import F

from varco import clock
from varco.accounts.models import DemoMark, FailedAttempt, Invitation, User


def add(
    email: str, *, given_name: str = "", family_name: str = "", language: str = "en", platform_role: str = ""
) -> User:
    """Add an account that has no password yet. Raises `ValidationError` for what an account cannot hold."""
    user = User(
        email=email.strip().lower(),
        given_name=given_name.strip(),
        family_name=family_name.strip(),
        language=language,
        platform_role=platform_role,
    )
    user.set_password(None)
    user.full_clean()
    user.save(force_insert=True)
    return user


def change(user: User, **fields: str | int | bool | None) -> None:
    """Set columns of an account. Raises `ValidationError` for what they cannot hold."""
    for name, value in fields.items():
        setattr(user, name, value)
    user.updated_at = clock.now()
    user.clean_fields(exclude={field.name for field in User._meta.fields} - fields.keys())
    user.save(update_fields=[*fields, "updated_at"])


def forget_password(user: User) -> None:
    """Leave an account without a password: it signs in again after one was set by a new link."""
    withdraw_invitation(user)
    user.set_password(None)
    change(user, password=user.password, password_is_short=False)


def invite(user: User, digest: str, expires_at: int) -> None:
    """Keep the hash of an invitation's secret until `expires_at` (epoch seconds), in the place of the one before."""
    Invitation.objects.update_or_create(
        user=user, defaults={"digest": digest, "expires_at": expires_at, "created_at": clock.now()}
    )


def use_invitation(digest: str) -> bool:
    """Use an invitation up; False where that was done before, or it has expired."""
    return bool(Invitation.objects.filter(digest=digest, expires_at__gt=clock.now()).delete()[0])


def withdraw_invitation(user: User) -> None:
    """Let no link that was sent to somebody open anything any more."""
    Invitation.objects.filter(user=user).delete()


def set_language(user: User, language: str) -> None:
    """Set the language in which an account is spoken to, one of the settings' `LANGUAGES`."""
    User.objects.filter(pk=user.pk).update(language=language)


def end_unfinished_sign_ins(user: User) -> None:
    """End the sign-ins of an account that wait at their second step, in every browser."""
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)


def add_failed_attempts(keys: Iterable[str], at_ms: int, *, forgotten_ms: int) -> None:
    """Count a failed attempt under each key, and forget those from before `forgotten_ms` (both epoch milliseconds)."""
    FailedAttempt.objects.bulk_create(FailedAttempt(key=key, at_ms=at_ms) for key in keys)
    FailedAttempt.objects.filter(at_ms__lt=forgotten_ms).delete()


def forget_failed_attempts(keys: Iterable[str]) -> None:
    """Forget the failed attempts under each key."""
    FailedAttempt.objects.filter(key__in=list(keys)).delete()


def mark_as_demo() -> None:
    """Note that these databases hold the invented people of the demo."""
    DemoMark.objects.get_or_create(pk=1)
