"""`/styleguide`: every component on one page (demo only)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The style guide."""
    return render(request, "styleguide.html")
