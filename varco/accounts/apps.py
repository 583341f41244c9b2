"""Django's name for this app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The app `varco.accounts`."""

    name = "varco.accounts"
    default_auto_field = "django.db.models.BigAutoField"
