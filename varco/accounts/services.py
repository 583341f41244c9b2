"""Changing accounts."""

from django.db.models import F

from varco.accounts.models import User


def set_language(user: User, language: str) -> None:
    """Set the language in which an account is spoken to, one of the settings' `LANGUAGES`."""
    User.objects.filter(pk=user.pk).update(language=language)


def end_unfinished_sign_ins(user: User) -> None:
    """End the sign-ins of an account that wait at their second step, in every browser."""
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
