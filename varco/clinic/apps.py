"""Django's name for this app."""

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    """The app `varco.clinic`."""

    name = "varco.clinic"
    default_auto_field = "django.db.models.BigAutoField"
