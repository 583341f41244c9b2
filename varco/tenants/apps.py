"""Django's name for this app."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """The app `varco.tenants`."""

    name = "varco.tenants"
    default_auto_field = "django.db.models.BigAutoField"
