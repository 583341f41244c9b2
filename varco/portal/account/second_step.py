"""Leads whoever must have a second factor and has none to set one up; until then no page but those for it opens (S38)."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from varco.accounts.models import User
from varco.people import second_factor
from varco.portal.common.page import SIGNED_IN, page
from varco.portal.common.request import SignedInRequest

ROLES = {
    "operator": _("an operator"),
    "support": _("a support agent"),
    "developer": _("a developer"),
    "manager": _("a manager of a medical centre"),
    "integrator": _("an integrator with access to a medical centre"),
}
_AFTER = "varco_after_second_step"
OPEN = frozenset(
    {
        "account:second_step",
        "account:add_passkey",
        "account:passkey_confirm",
        "account:integrator_invitation",
        "account:sign_out_everywhere",
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "account:undo_address",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "language",
        "favicon",
        "touch_icon",
        "terms",
    }
)
"""What is needed to set a factor up, and to go away."""
OPEN_AREAS = frozenset({"authorize", "logout", "demo"})
"""Areas that see to it themselves (`protocol.authorization_step`), lead out, or show nothing of the account."""


def enforce(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Send people without the factor that their role demands to the page that says so, as middleware."""

    def handle(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def look(request: HttpRequest, *_: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.view_name in OPEN or OPEN_AREAS.intersection(match.namespaces):
            return None
        user = request.user
        if not isinstance(user, User) or not second_factor.is_missing(user):
            return None
        # Where a form was to go is no page to come back to.
        after = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
        return redirect(address(after))

    handle.process_view = look  # type: ignore[attr-defined] # where Django looks for it
    return handle


def address(after: str = "") -> str:
    """The page that asks for a factor and leads on to `after`."""
    return reverse("account:second_step") + (f"?{urlencode({'next': after})}" if after else "")


@page(SIGNED_IN, "GET")
def second_step(request: SignedInRequest) -> HttpResponse:
    """Say why, and lead to the ways of having one; on to where the person was going as soon as they have it."""
    after = request.GET.get("next", "")
    if after and get_adapter(request).is_safe_url(after):
        request.session[_AFTER] = after
    if not second_factor.is_missing(request.user):
        return redirect(request.session.pop(_AFTER, "") or "home")
    role = second_factor.demanding_role(request.user)
    return render(request, "account/second_step.html", {"role": ROLES.get(role)})
