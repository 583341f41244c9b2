"""Django's name for this app."""

from django.apps import AppConfig


class StatusConfig(AppConfig):
    """The app `varco.status`."""

    name = "varco.status"
    default_auto_field = "django.db.models.BigAutoField"
