"""What pages outside the demo's own show of it."""

from django import template
from django.conf import settings

from varco.portal.common.demo_people import DemoPerson, demo_people

register = template.Library()


@register.simple_tag
def people_of_the_demo() -> list[DemoPerson]:
    """Whom one can be with one tap; nobody where this is no demo."""
    return demo_people() if settings.VARCO.demo else []
