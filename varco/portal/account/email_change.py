"""Changing the e-mail address: whoever asks for a link gets a mail, or reads why none was sent."""

from typing import Any

from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from allauth.account.views import EmailView
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _


def change(request: HttpRequest, email: str) -> EmailAddress:
    """Keep the address that the person wants to change to, and send its link.

    One that waits already stays as it is, since the link that was sent belongs to it.
    """
    waiting = EmailAddress.objects.get_new(request.user)
    if waiting is not None and waiting.email == email:
        send_link(request, waiting)
        return waiting
    made = EmailAddress.objects.add_new_email(request, request.user, email, send_verification=False)
    send_link(request, made)
    return made


def send_link(request: HttpRequest, address: EmailAddress) -> None:
    """Send the link, or say why not. Whether the one sent before works is not claimed: another address may have come between."""
    if not send_verification_email_to_address(request, address):
        text = _(
            "No mail was sent: %(email)s got one less than three minutes ago. Look for it, among unwanted mail too; if its "
            "link no longer works, have it sent again in three minutes."
        )
        messages.warning(request, text % {"email": address.email})


class ChangeEmailView(EmailView):
    """allauth's page, whose *Send the link again* says nothing when it sends nothing."""

    def _action_send(self, request: HttpRequest, *_arguments: Any, **_named: Any) -> None:
        address = self._get_email_address(request)
        if address is None or address.verified:
            messages.warning(request, _("No mail was sent: this address does not wait to be confirmed."))
        else:
            send_link(request, address)
