"""Samples with the reader's own values: what the pages write for everybody becomes this installation's and the reader's."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import escape

from varco.accounts.models import User
from varco.registry import lists
from varco.registry.models import Application

ISSUER, API, CLIENT_ID = "https://login.example.org", "https://api.example.org", "YOUR_CLIENT_ID"
"""What stands in samples for everybody."""
OFFERED = 20
"""Applications that one can choose from."""


def applications_of(request: HttpRequest) -> Sequence[Application]:
    """The reader's own applications that have a `client_id`, the first of them; nobody's for whoever is no developer."""
    user = request.user
    if not isinstance(user, User) or not user.is_developer:
        return ()
    return list(lists.applications_of(user).exclude(client_id=None)[:OFFERED])


def filled(html: str, application: Application | None) -> str:
    """A page with the addresses of this installation, and the `client_id` of an application."""
    html = html.replace(ISSUER, escape(settings.VARCO.issuer)).replace(API, escape(settings.VARCO.api_url))
    return html.replace(CLIENT_ID, escape(application.client_id)) if application and application.client_id else html
