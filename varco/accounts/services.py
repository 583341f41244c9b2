"""Changing accounts."""

from collections.abc import Iterable

from django.db.models import F

from varco import clock
from varco.accounts.addresses import canonical
from varco.accounts.models import AddressChange, DemoMark, FailedAttempt, Invitation, PendingAccount, User


def add(
    email: str, *, given_name: str = "", family_name: str = "", language: str = "en", platform_role: str = ""
) -> User:
    """Add an account that has no password yet. Raises `ValidationError` for what an account cannot hold."""
    user = User(
        email=canonical(email),
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


def keep_pending(pending: PendingAccount) -> None:
    """Keep an account that waits for its link, and forget those whose link has expired."""
    PendingAccount.objects.filter(expires_at__lte=clock.now()).delete()
    pending.save(force_insert=True)


def use_pending(digest: str) -> PendingAccount | None:
    """Use up the link of an account that waits, with the account's row locked; None if that was done before, or it has expired."""
    found = PendingAccount.objects.select_for_update().filter(digest=digest, expires_at__gt=clock.now()).first()
    if found is None or not PendingAccount.objects.filter(pk=found.pk).delete()[0]:
        return None
    return found


def add_registered(pending: PendingAccount) -> User:
    """Add the account that somebody registered, with the password they chose then. Raises `ValidationError`, `IntegrityError`."""
    user = User(
        email=pending.email,
        given_name=pending.given_name,
        family_name=pending.family_name,
        language=pending.language,
        password=pending.password,
        terms_version=pending.terms_version,
        terms_at=pending.created_at,
    )
    user.full_clean(validate_unique=False)
    user.save(force_insert=True)
    return user


def note_address_change(user: User, before: str, after: str, digest: str, undo_until: int) -> None:
    """Keep the hash of the link that undoes a change of address until `undo_until`, and forget links that expired."""
    AddressChange.objects.filter(undo_until__lte=clock.now()).delete()
    AddressChange.objects.create(user=user, before=before, after=after, digest=digest, undo_until=undo_until)


def undo_address_change(change: AddressChange) -> bool:
    """Use up the link of a change, and those of all later ones; False where that was done before."""
    used = bool(AddressChange.objects.filter(pk=change.pk).delete()[0])
    if used:
        AddressChange.objects.filter(user=change.user, pk__gt=change.pk).delete()
    return used


def forget_address_changes(user: User) -> None:
    """Let no change of somebody's address be undone any more."""
    AddressChange.objects.filter(user=user).delete()


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
