"""Hands back a form that comes too late: its sender is signed out by then, or has signed in anew (S37).

Nothing is stored for it: the answer holds what was typed in hidden fields, so whoever signs in here next starts clean.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def hand_back(request: HttpRequest) -> HttpResponse:
    """403: nothing was done; what was typed, and how to send it again."""
    return render(request, "errors/handed_back.html", {"typed": typed(request)}, status=403)


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form sent, field by field."""
    return [(name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"]


def holds_a_password(request: HttpRequest) -> bool:
    """Whether the form has a password, which is never sent back."""
    return any("password" in name for name in request.POST)
