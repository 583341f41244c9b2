"""What pages outside the authorize area show of a sign-in in progress."""

import re

from django import template

from varco import clock
from varco.grants.models import Interaction
from varco.portal.authorize import browser_binding
from varco.registry.models import Application

register = template.Library()

_ADDRESS = re.compile(r"/oauth2/authorize/([A-Za-z0-9_-]{1,40})/")


@register.simple_tag(takes_context=True)
def application_waiting(context: template.Context) -> Application | None:
    """The application that sent this browser to sign in, by where the page leads afterwards (`next`); None without one."""
    request = context.get("request")
    found = _ADDRESS.fullmatch(request.GET.get("next", "") or request.POST.get("next", "")) if request else None
    if request is None or found is None:
        return None
    mine = Interaction.objects.filter(
        pk=found[1], browser=browser_binding.browser_of(request), finished_at=None, expires_at__gt=clock.now()
    )
    client_id = mine.values_list("client_id", flat=True).first()
    return Application.objects.filter(client_id=client_id).first() if client_id else None
