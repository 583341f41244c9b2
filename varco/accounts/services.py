"""Changing accounts."""

from collections.abc import Iterable

from django.db.models import F

from varco.accounts.models import FailedAttempt, User


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
