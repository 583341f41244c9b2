"""Django's name for this app."""

from django.apps import AppConfig


class IntegratorsConfig(AppConfig):
    """The app `varco.integrators`."""

    name = "varco.integrators"
    default_auto_field = "django.db.models.BigAutoField"
