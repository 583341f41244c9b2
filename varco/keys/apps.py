"""Django's name for this app."""

from django.apps import AppConfig


class KeysConfig(AppConfig):
    """The app `varco.keys`."""

    name = "varco.keys"
    default_auto_field = "django.db.models.BigAutoField"
