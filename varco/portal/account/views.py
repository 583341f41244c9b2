"""`/account/`: one's own profile and how one signs in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """The account page."""
    return render(request, "account/overview.html")
