"""The start page, the language switch, and where password managers look."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme

from varco.accounts import services as accounts
from varco.accounts.models import User
from varco.portal.common.language import LASTING, set_language
from varco.portal.common.page import ANYONE, page
from varco.portal.home import suggestions


@page(ANYONE, "GET")
def home(request: HttpRequest) -> HttpResponse:
    """What Varco is, for somebody signed out; what there is to do, for somebody signed in."""
    if not request.user.is_authenticated:
        return render(request, "home/welcome.html")
    return render(request, "home/overview.html", {"suggestions": suggestions(request.user)})


@page(ANYONE, "POST")
def language(request: HttpRequest) -> HttpResponse:
    """Change the language: of the account for somebody signed in, of this browser otherwise."""
    chosen = request.POST.get("language", "")
    after = request.POST.get("next", "")
    if not after.startswith("/") or not url_has_allowed_host_and_scheme(after, allowed_hosts=None):
        after = "/"
    response = HttpResponseRedirect(after)
    if chosen in dict(settings.LANGUAGES):
        set_language(response, chosen, max_age=LASTING)
        if isinstance(request.user, User):
            accounts.set_language(request.user, chosen)
    return response


@page(ANYONE, "GET")
def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The icon, where browsers look for it when no page tells: for what is no page, and for what came before SVG."""
    return redirect(static("varco/touch-icon.png"))


@page(ANYONE, "GET")
def touch_icon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The icon of a home screen, where telephones look for it."""
    return redirect(static("varco/touch-icon.png"))


@page(ANYONE, "GET")
def change_password(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Lead a password manager to the page where a password is changed (W3C, A Well-Known URL for Changing Passwords)."""
    return redirect("account_change_password")
