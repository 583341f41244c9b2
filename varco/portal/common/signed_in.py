"""A form that comes too late: its sender is signed out by then, or has signed in anew. It is handed back, not dropped (S37).

Nothing is stored for it: the answer holds what was typed in hidden fields, so whoever signs in here next starts clean.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """A page for people who are signed in, as Django's `login_required`, whose forms are handed back."""
    or_to_sign_in = login_required(view)

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if not request.user.is_authenticated and request.method == "POST" and not _holds_a_password(request):
            return hand_back(request)
        return or_to_sign_in(request, *arguments, **named)

    guarded.hands_back = True  # type: ignore[attr-defined]
    return guarded


def may_be_handed_back(request: HttpRequest) -> bool:
    """Whether a form without a valid proof of origin may be: the browser itself says that a page of ours sent it.

    Otherwise a foreign page could fill in a form here and leave only the button to be pressed.
    """
    ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    page = getattr(request.resolver_match, "func", None)
    return ours and getattr(page, "hands_back", False) and not _holds_a_password(request)


def hand_back(request: HttpRequest) -> HttpResponse:
    """403: nothing was done; what was typed, and how to send it again."""
    typed = [
        (name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"
    ]
    return render(request, "errors/handed_back.html", {"typed": typed}, status=403)


def _holds_a_password(request: HttpRequest) -> bool:
    return any("password" in name for name in request.POST)
