"""Choosing a time zone among some four hundred: a field whose list is drawn at once, not by a template for each entry."""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from varco.tenants.place import DEFAULT_ZONE, zones


class ZoneSelect(forms.Select):
    """The list."""

    def render(
        self,
        name: str,
        value: object,
        attrs: dict[str, Any] | None = None,
        renderer: object = None,  # noqa: ARG002 - Django hands it over
    ) -> SafeString:
        """The list as HTML, the zone that holds now chosen."""
        chosen = str(value or "")
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((zone, SafeString(" selected") if zone == chosen else "", zone.replace("_", " ")) for zone in zones()),
        )
        attributes = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return format_html("<select{}>{}</select>", attributes, options)


class ZoneField(forms.ChoiceField):
    """A time zone."""

    widget = ZoneSelect

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=lambda: [(zone, zone) for zone in zones()], initial=DEFAULT_ZONE, **options)
