"""Django's name for this app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The app `varco.audit`."""

    name = "varco.audit"
    default_auto_field = "django.db.models.BigAutoField"
