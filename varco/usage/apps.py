"""Django's name for this app."""

from django.apps import AppConfig


class UsageConfig(AppConfig):
    """The app `varco.usage`."""

    name = "varco.usage"
    default_auto_field = "django.db.models.BigAutoField"
