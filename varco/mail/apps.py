"""Django's name for this app."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    """The app `varco.mail`."""

    name = "varco.mail"
    default_auto_field = "django.db.models.BigAutoField"
