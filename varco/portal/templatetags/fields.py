"""A form field as a component: label, help, error and input, tied together for screen readers.

Written without a template: a page of the registry has a hundred of them.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from varco.portal.templatetags import icons

_GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, _GROUPS):
        return "group"
    if isinstance(widget, forms.CheckboxInput):
        return "switch"
    if isinstance(widget, forms.HiddenInput):
        return "hidden"
    return "password" if isinstance(widget, forms.PasswordInput) else "line"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a field is put together from. All but `kind` is HTML."""

    kind: str
    id: str
    label: str
    help: str
    fault: str
    described: str
    control: str
    prefix: str


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
    parts = _Parts(
        kind, conditional_escape(identifier), conditional_escape(str(label or bound.label)),
        _help(f"{identifier}_help", help_text) if help_text else "",
        _fault(identifier, bound),
        conditional_escape(" ".join(described)),
        bound.as_widget(attrs=attributes) if kind != "group" else "",
        conditional_escape(prefix),
    )  # fmt: skip
    match kind:
        case "group":
            inner = _group(bound, parts)
        case "switch":
            inner = _switch(parts)
        case _:
            inner = _line(parts, optional=not bound.field.required)
    fault = " field--fault" if parts.fault else ""
    return SafeString(f'<div class="field field--{kind}{fault}">{inner}{_stands(parts, stands)}</div>')


def _help(identifier: str, text: object) -> str:
    return f'<div class="field__help" id="{conditional_escape(identifier)}">{conditional_escape(str(text))}</div>'


def _fault(identifier: str, bound: BoundField) -> str:
    if not bound.errors:
        return ""
    shown = "".join(f"<p>{conditional_escape(str(error))}</p>" for error in bound.errors)
    return f'<div class="field__fault" id="{conditional_escape(identifier)}_fault">{icons.svg("stop")}<div>{shown}</div></div>'


def _group(bound: BoundField, parts: _Parts) -> str:
    described = f' aria-describedby="{parts.described}"' if parts.described else ""
    choices = "".join(
        f'<label class="choice" for="{conditional_escape(option.id_for_label)}">{option.tag()}<span>{conditional_escape(option.choice_label)}</span></label>'
        for option in bound
    )
    return (
        f'<fieldset{described}><legend class="field__label">{parts.label}</legend>{parts.help}{parts.fault}'
        f'<div class="choices" id="{parts.id}">{choices}</div></fieldset>'
    )


def _switch(parts: _Parts) -> str:
    label = f'<label for="{parts.id}">{parts.label}</label>'
    return f'<div class="choice">{parts.control}<div>{label}{parts.help}</div></div>{parts.fault}'


def _line(parts: _Parts, *, optional: bool) -> str:
    mark = f' <span class="field__optional">{conditional_escape(_("(optional)"))}</span>' if optional else ""
    control = parts.control
    if parts.prefix:
        control = f'<div class="input-group"><span class="input-group__prefix" aria-hidden="true">{parts.prefix}</span>{control}</div>'
    elif parts.kind == "password":
        control = render_to_string("components/password.html", {"control": control, "id": parts.id})
    return f'<label class="field__label" for="{parts.id}">{parts.label}{mark}</label>{parts.help}{parts.fault}{control}'


def _stands(parts: _Parts, text: str) -> str:
    """What is saved now, beside what was sent."""
    if not text:
        return ""
    shown = conditional_escape(text).replace("\n", "<br>")
    said = conditional_escape(_("Saved meanwhile:"))
    return f'<div class="field__help" id="{parts.id}_stands">{icons.svg("info")} {said} <q>{shown}</q></div>'
