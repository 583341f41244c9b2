"""The HTML part of a mail, made of its text: the same words in the same order, so that no reader is told anything else.

What it knows of a text: blocks between blank lines; lists, whose lines begin with "- "; a line that is an address of ours,
which becomes a button with the address beneath it; and what follows "-- ", the signature (RFC 3676 §4.3). No table, picture
or script, and nothing is loaded from anywhere, so that opening a mail tells nobody.
"""

import itertools
import re

from django.conf import settings
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

_SIGNATURE = "\n-- \n"
_LABEL = 60
"""Characters of a sentence that are still a button's label."""

# On the elements themselves, because some mail programs drop what stands in the head; the colours are those of the pages.
_BODY = mark_safe(
    "margin:0;padding:24px 16px;background:#f5f7f9;color:#17202b;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Arial,sans-serif"
)
_PAPER = mark_safe(
    "max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border:1px solid #dae0e7;border-top:4px solid #1b45b4;"
    "border-radius:8px;overflow-wrap:anywhere"
)
_BUTTON = mark_safe(
    "display:inline-block;padding:12px 20px;border-radius:6px;background:#1b45b4;color:#ffffff;font-weight:600;text-decoration:none"
)
_SMALL = mark_safe("font-size:13px;color:#536170")
_SIGN = mark_safe("margin:24px 0 0;padding-top:12px;border-top:1px solid #dae0e7;font-size:13px;color:#536170")
_LINK = mark_safe("color:#1b45b4")
# What cannot stand there: the dark of whoever reads in the dark. It has to win over the elements' own.
_DARK = mark_safe(
    ":root{color-scheme:light dark;supported-color-schemes:light dark}@media(prefers-color-scheme:dark){"
    "body{background:#0f141a!important;color:#e4e9ef!important}"
    ".letter{background:#171e26!important;border-color:#2c3744!important;border-top-color:#8fb0ff!important}"
    "a{color:#8fb0ff!important}.button{background:#2f5fd8!important;color:#ffffff!important}"
    ".address,.sign{color:#a3b0bf!important}.sign{border-top-color:#2c3744!important}}"
)


def as_html(subject: str, text: str, language: str) -> str:
    """The text of a mail as an HTML document in its language."""
    body, _, signature = text.strip().partition(_SIGNATURE)
    blocks = [block.strip("\n") for block in re.split(r"\n\s*\n", body.strip())]
    with translation.override(language):
        shown = [_block(block, before) for before, block in zip(["", *blocks], blocks, strict=False)]
    if signature:
        shown.append(format_html('<p class="sign" style="{}">{}</p>', _SIGN, _lines(signature.strip().splitlines())))
    return format_html(
        '<!doctype html>\n<html lang="{}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark"><title>{}</title><style>{}</style></head>\n'
        '<body style="{}"><div class="letter" style="{}">{}</div></body></html>\n',
        language,
        subject,
        _DARK,
        _BODY,
        _PAPER,
        format_html_join("\n", "{}", ((block,) for block in shown)),
    )


def _block(block: str, before: str) -> SafeString:
    lines = block.splitlines()
    if all(line.startswith("- ") for line in lines):
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((line[2:],) for line in lines)))
    shown = []
    for ours, run in itertools.groupby(lines, _is_ours):
        run_lines = list(run)
        if ours:
            shown += [_button(line, before) for line in run_lines]
        else:
            shown.append(format_html("<p>{}</p>", _lines(run_lines)))
        before = run_lines[-1]
    return format_html_join("", "{}", ((part,) for part in shown))


def _lines(lines: list[str]) -> SafeString:
    linked = (
        format_html('<a href="{0}" style="{1}">{0}</a>', line, _LINK) if _is_ours(line) else line for line in lines
    )
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in linked))


def _button(address: str, before: str) -> SafeString:
    """The address as a button, labelled by the sentence that leads to it, and in clear."""
    sentence = re.split(r"(?<=[.!?])\s", before.strip())[-1] if before.endswith(":") else ""
    label = sentence.rstrip(":") if 0 < len(sentence) <= _LABEL else gettext("Open the page")
    return format_html(
        '<p><a class="button" href="{0}" style="{2}">{1}</a></p>'
        '<p class="address" style="{3}"><a href="{0}" style="{4}">{0}</a></p>',
        address,
        label,
        _BUTTON,
        _SMALL,
        _LINK,
    )


def _is_ours(line: str) -> bool:
    issuer = settings.VARCO.issuer
    return line == issuer or (line.startswith(f"{issuer}/") and not re.search(r"\s", line))
