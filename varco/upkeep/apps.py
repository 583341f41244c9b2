"""Django's name for this app."""

from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    """The app `varco.upkeep`."""

    name = "varco.upkeep"
    default_auto_field = "django.db.models.BigAutoField"
