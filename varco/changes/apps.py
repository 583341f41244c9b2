"""Django's name for this app."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    """The app `varco.changes`."""

    name = "varco.changes"
    default_auto_field = "django.db.models.BigAutoField"
