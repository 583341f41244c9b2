"""Browser sessions of some minutes ago."""

from django.test import Client

FRESH = 300  # seconds in which a sign-in counts as a confirmation


def signed_in_before(browser: Client, seconds: int = FRESH) -> Client:
    """Make the sign-in of this browser so many seconds older than it is."""
    session = browser.session
    session["varco_signed_in_ms"] -= seconds * 1000
    session.save()
    return browser
