"""Django's name for this app."""

from django.apps import AppConfig


class GrantsConfig(AppConfig):
    """The app `varco.grants`."""

    name = "varco.grants"
    default_auto_field = "django.db.models.BigAutoField"
