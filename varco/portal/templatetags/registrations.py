"""Values of a registration and the boxes for remarks on them, written without templates: a review has dozens of both."""

from django.forms import BoundField
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from varco.portal.common.registration_difference import Item, Row
from varco.portal.templatetags import icons

_SIGNS = {"added": "+", "removed": "−", "changed": "~"}


def values(row: Row) -> SafeString:
    """The values of one row of a registration; with marks where it is compared with another."""
    return SafeString(f'<ul class="plain values">{"".join(map(_value, row.items))}</ul>')


def _value(item: Item) -> str:
    tag, text = "code" if item.code else "span", conditional_escape(item.text)
    marked = f" value--{conditional_escape(item.mark)}" if item.mark else ""
    return (
        f'<li class="value{marked}">{_mark(item.mark)}<{tag} class="value__text">{text}</{tag}>'
        f"{' ' + icons.chip('info', _('Required'), 'lock') if item.required else ''} {_was(item)}{_note(item)}</li>"
    )


def _mark(mark: str) -> str:
    if not mark:
        return ""
    said = {"added": _("Added:"), "removed": _("Removed:"), "changed": _("Changed:")}[mark]
    return f'<span class="value__mark" aria-hidden="true">{_SIGNS[mark]}</span>{_hidden(said)} '


def _was(item: Item) -> str:
    if not item.was:
        return ""
    return f'<span class="value__note">{_hidden(_("Before:"))} <del>{conditional_escape(item.was)}</del></span> '


def _note(item: Item) -> str:
    if not item.note:
        return ""
    now = f"{_hidden(_('Now:'))} " if item.was else ""
    return f'<span class="value__note">{now}{conditional_escape(item.note)}</span>'


def _hidden(text: str) -> str:
    return f'<span class="visually-hidden">{conditional_escape(text)}</span>'


def remark(box: BoundField) -> SafeString:
    """Where a reviewer remarks on one field; the box belongs to the form of the decision."""
    label, said = conditional_escape(box.label), conditional_escape(_("Remark"))
    identifier, value = conditional_escape(box.id_for_label), box.value()
    errors = "".join(
        f'<p class="field__fault" id="{identifier}_fault">{icons.svg("stop")} {conditional_escape(str(error))}</p>'
        for error in box.errors
    )
    invalid = f' aria-invalid="true" aria-describedby="{identifier}_fault"' if errors else ""
    return SafeString(
        f'<details class="remark"{" open" if value else ""}><summary>{said}<span class="visually-hidden">: {label}</span></summary>'
        f'<label class="visually-hidden" for="{identifier}">{said}: {label}</label>{errors}'
        f'<textarea class="input" id="{identifier}" name="{conditional_escape(box.html_name)}" form="decision" rows="2" maxlength="1000"{invalid}>'
        f"\n{conditional_escape('' if value is None else value)}</textarea></details>"
    )
