"""A form field as a component: label, help, error and input, tied together for screen readers."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

_GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, _GROUPS):
        return "group"
    if isinstance(widget, forms.CheckboxInput):
        return "switch"
    if isinstance(widget, forms.HiddenInput):
        return "hidden"
    return "password" if isinstance(widget, forms.PasswordInput) else "line"


def render(bound: BoundField, *, label: object = "", help: object = "", **options: Any) -> SafeString:  # noqa: A002
    """The field as HTML. Options become attributes of the input; `prefix` is shown before it, `mono` sets it in mono."""
    widget = bound.field.widget
    kind = _kind(widget)
    if kind == "hidden":
        return SafeString(bound)
    help_text = help or bound.help_text
    identifier = bound.auto_id or bound.html_name
    described = [f"{identifier}_help"] if help_text else []
    if bound.errors:
        described.append(f"{identifier}_fault")
    stands = getattr(bound.form, "stands", {}).get(bound.name, "")
    if stands:
        described.append(f"{identifier}_stands")
    prefix, mono = options.pop("prefix", ""), options.pop("mono", False)
    attributes = {name: value for name, value in options.items() if value not in (None, False)}
    if kind != "group":
        attributes |= {"aria-describedby": " ".join(described)} if described else {}
        attributes |= {"aria-invalid": "true"} if bound.errors else {}
        if kind in {"line", "password"}:
            attributes["class"] = " ".join(
                filter(None, ["input", "input--mono" if mono else "", widget.attrs.get("class", "")])
            )
    context = {
        "field": bound,
        "kind": kind,
        "label": label or bound.label,
        "help": help_text,
        "id": identifier,
        "stands": stands,
        "described": " ".join(described),
        "control": bound.as_widget(attrs=attributes) if kind != "group" else "",
        "prefix": prefix,
        "optional": not bound.field.required and kind in {"line", "password"},
    }
    return SafeString(render_to_string("components/field.html", context))
