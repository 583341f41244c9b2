"""Changing accounts."""

from varco.accounts.models import User


def set_language(user: User, language: str) -> None:
    """Set the language in which an account is spoken to, one of the settings' `LANGUAGES`."""
    User.objects.filter(pk=user.pk).update(language=language)
