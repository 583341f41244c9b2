"""Inputs of forms, written without templates: pages with a hundred fields spend most of their time on those of Django."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape

Drawn: TypeAlias = Mapping[str, Any]
"""What a widget tells its template, `context["widget"]`."""


def attributes(attrs: Mapping[str, Any]) -> str:
    """Attributes of a tag, each after a blank: `django/forms/widgets/attrs.html`."""
    return "".join(
        f" {conditional_escape(name)}"
        if value is True
        else f' {conditional_escape(name)}="{conditional_escape(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def _input(widget: Drawn) -> str:
    given = widget["value"]
    value = "" if given is None else f' value="{conditional_escape(given)}"'
    return f'<input type="{widget["type"]}" name="{conditional_escape(widget["name"])}"{value}{attributes(widget["attrs"])}>'


def _choice(widget: Drawn) -> str:
    drawn = _input(widget)
    if not widget.get("wrap_label"):
        return drawn
    target = widget["attrs"].get("id")
    shown = f' for="{conditional_escape(target)}"' if target else ""
    return f"<label{shown}>{drawn} {conditional_escape(widget['label'])}</label>"


def _textarea(widget: Drawn) -> str:
    # The first line break is dropped by whoever reads it, so that one of the text itself stays.
    text = f"\n{conditional_escape(widget['value'])}" if widget["value"] else ""
    return f'<textarea name="{conditional_escape(widget["name"])}"{attributes(widget["attrs"])}>{text}</textarea>'


def _select(widget: Drawn) -> str:
    groups = []
    for name, options, _index in widget["optgroups"]:
        shown = "".join(map(_option, options))
        groups.append(f'<optgroup label="{conditional_escape(name)}">{shown}</optgroup>' if name else shown)
    return (
        f'<select name="{conditional_escape(widget["name"])}"{attributes(widget["attrs"])}>{"".join(groups)}</select>'
    )


def _option(widget: Drawn) -> str:
    value, attrs = conditional_escape(widget["value"]), attributes(widget["attrs"])
    return f'<option value="{value}"{attrs}>{conditional_escape(widget["label"])}</option>'


_BY_TEMPLATE: dict[str, Callable[[Drawn], str]] = {
    f"django/forms/widgets/{name}.html": draw
    for draw, names in (
        (_input, ("input", "text", "email", "url", "number", "password", "hidden", "checkbox", "date")),
        (_choice, ("radio_option", "checkbox_option")),
        (_textarea, ("textarea",)),
        (_select, ("select",)),
    )
    for name in names
}


class Renderer(DjangoTemplates):
    """Django's own, which renders the templates of all other widgets."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """A widget, a field or a form as HTML."""
        draw = _BY_TEMPLATE.get(template_name)
        return draw(context["widget"]) if draw else str(super().render(template_name, context, request))
