"""Django's name for this app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The app `varco.people`."""

    name = "varco.people"
    default_auto_field = "django.db.models.BigAutoField"
