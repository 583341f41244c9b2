"""Our own icons: one SVG sheet, read once, each icon put into the page where it is used."""

import re
from functools import cache
from pathlib import Path

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

_SHEET = Path(__file__).parent.parent / "static" / "varco" / "icons.svg"
_SYMBOL = re.compile(r'<symbol id="([a-z-]+)" viewBox="([^"]+)">(.*?)</symbol>', re.DOTALL)


@cache
def sheet() -> dict[str, tuple[str, SafeString]]:
    """Name → (view box, drawing). The file is ours, so its drawings are trusted."""
    return {
        name: (box, mark_safe(" ".join(drawing.split())))  # noqa: S308 - from our own file
        for name, box, drawing in _SYMBOL.findall(_SHEET.read_text("utf-8"))
    }


def svg(name: str, label: str = "") -> SafeString:
    """The icon as inline SVG. Raises `KeyError` for a name that is not on the sheet."""
    if label:
        box, drawing = sheet()[name]
        return format_html('<svg class="icon" viewBox="{}" role="img" aria-label="{}">{}</svg>', box, label, drawing)
    return _decorative(name)


@cache
def _decorative(name: str) -> SafeString:
    """The icon without a label: a page has fifty of them."""
    box, drawing = sheet()[name]
    return format_html('<svg class="icon" viewBox="{}" aria-hidden="true">{}</svg>', box, drawing)


def chip(kind: str, text: object, icon: str) -> SafeString:
    """A status: colour, icon and word."""
    shown = conditional_escape(str(text))
    return SafeString(f'<span class="chip chip--{conditional_escape(kind)}">{svg(icon)}<span>{shown}</span></span>')
