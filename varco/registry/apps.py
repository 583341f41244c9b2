"""Django's name for this app."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """The app `varco.registry`."""

    name = "varco.registry"
    default_auto_field = "django.db.models.BigAutoField"
