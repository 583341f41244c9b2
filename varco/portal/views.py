"""The start page and the language switch."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from varco.accounts.models import User
from varco.portal.home import suggestions


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What Varco is, for somebody signed out; what there is to do, for somebody signed in."""
    if not request.user.is_authenticated:
        return render(request, "home/welcome.html")
    return render(request, "home/overview.html", {"suggestions": suggestions(request.user)})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language: of the account for somebody signed in, of this browser otherwise."""
    chosen = request.POST.get("language", "")
    after = request.POST.get("next", "")
    if not after.startswith("/") or not url_has_allowed_host_and_scheme(after, allowed_hosts=None):
        after = "/"
    response = HttpResponseRedirect(after)
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=365 * 86400,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=chosen)
    return response
