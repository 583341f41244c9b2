"""What pages outside the authorize area show of a sign-in in progress."""

from django import template

from varco.portal.authorize import waiting_application

register = template.Library()


@register.simple_tag(takes_context=True)
def application_waiting(context: template.Context) -> str:
    """The name of the application that sent this browser to sign in, by where the page leads (`next`); empty without one."""
    request = context.get("request")
    if request is None:
        return ""
    after_sign_in = request.GET.get("next", "") or request.POST.get("next", "")
    return waiting_application.waiting_for(request, after_sign_in) if after_sign_in else ""
