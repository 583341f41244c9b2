"""Django's name for this app."""

from django.apps import AppConfig


class SignalsConfig(AppConfig):
    """The app `varco.signals`."""

    name = "varco.signals"
    default_auto_field = "django.db.models.BigAutoField"
