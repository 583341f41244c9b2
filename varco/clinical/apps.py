"""Django's name for this app."""

from django.apps import AppConfig


class ClinicalConfig(AppConfig):
    """The app `varco.clinical`."""

    name = "varco.clinical"
    # The label of its tables and migrations.
    label = "clinic"
    default_auto_field = "django.db.models.BigAutoField"
