"""Django's name for this app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The app `varco.portal`: pages without tables of their own."""

    name = "varco.portal"

    def ready(self) -> None:
        """Connect what the account pages record and limit, when somebody signed in, and the words of notifications."""
        from varco.portal import notifications
        from varco.portal.account import limits, signals
        from varco.portal.common import sign_in

        signals.connect()
        limits.connect()
        sign_in.connect()
        notifications.connect()
