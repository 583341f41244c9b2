"""Django's name for this app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """The app `varco.tickets`."""

    name = "varco.tickets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of invitations that are accepted: some of them activate the Developer role."""
        from varco.tickets import activations

        activations.connect()
