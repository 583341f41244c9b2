"""What pages outside the demo's own show of it."""

import re

from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from varco.portal.common.demo_people import DemoPerson, demo_people

register = template.Library()

_ADDRESS = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?)\]’”])")


@register.simple_tag
def people_of_the_demo() -> list[DemoPerson]:
    """Whom one can be with one tap; nobody where this is no demo."""
    return demo_people() if settings.VARCO.demo else []


@register.filter
def linked(text: str) -> SafeString:
    """A mail's text whose addresses are links. Django's `urlize` loses a comma behind "(address)"."""
    parts = enumerate(_ADDRESS.split(text))  # every other one is an address
    return format_html_join(
        "", "{}", ((format_html('<a href="{}">{}</a>', part, part) if place % 2 else part,) for place, part in parts)
    )
