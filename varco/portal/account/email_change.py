"""Changing the e-mail address: whoever asks for a link gets a mail, or reads why none was sent; and undoing it from the former one."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.views import EmailView
from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.people import addresses
from varco.people.errors import Refused
from varco.portal import middleware
from varco.portal.common.forms import CONFLICT
from varco.portal.common.page import ANYONE, page

GONE = 410


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
    if ratelimit.consume(request, action="confirm_email", key=address.email):
        address.send_confirmation(request)
        text = "account/messages/email_confirmation_sent.txt"
        get_adapter().add_message(request, messages.INFO, text, {"email": address.email})
    else:
        text = _(
            "No mail was sent: %(email)s got one less than three minutes ago. Look for it, among unwanted mail too; if its "
            "link no longer works, have it sent again in three minutes."
        )
        messages.warning(request, text % {"email": address.email})


@page(ANYONE, "GET POST")
def undo(request: HttpRequest) -> HttpResponse:
    """Show what the link in the mail to the former address takes back; with the form, do it. To open the page uses nothing up."""
    secret = request.GET.get("token", "")
    change = addresses.opened(secret)
    if change is None:
        return render(request, "account/email_undo_over.html", status=GONE)
    if request.method != "POST":
        return render(request, "account/email_undo.html", {"change": change})
    try:
        user = addresses.undo(secret, middleware.origin(request))
    except Refused:
        return render(request, "account/email_undo.html", {"change": change, "taken": True}, status=CONFLICT)
    if user is None:  # used in another tab at this moment
        return render(request, "account/email_undo_over.html", status=GONE)
    text = _("Your address is %(email)s again, and you are signed out everywhere. Now choose a new password.")
    messages.success(request, text % {"email": user.email})
    return redirect("account_reset_password")


class ChangeEmailView(EmailView):
    """allauth's page, whose *Send the link again* says nothing when it sends nothing."""

    def _action_send(self, request: HttpRequest, *_arguments: Any, **_named: Any) -> None:
        address = self._get_email_address(request)
        if address is None or address.verified:
            messages.warning(request, _("No mail was sent: this address does not wait to be confirmed."))
        else:
            send_link(request, address)
