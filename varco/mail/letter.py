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

_STYLE = mark_safe(
    ":root{color-scheme:light dark}"
    "body{margin:0;padding:24px 16px;background:#f4f5f7;color:#1b1f24;font:16px/1.5 system-ui,-apple-system,Segoe UI,sans-serif}"
    ".letter{max-width:560px;margin:0 auto;padding:24px;background:#fff;border-radius:8px;overflow-wrap:anywhere}"
    "a{color:#0b5cad}.button{display:inline-block;padding:10px 18px;border-radius:6px;background:#0b5cad;color:#fff;"
    "font-weight:600;text-decoration:none}.address,.sign{font-size:13px;color:#57606a}.sign{border-top:1px solid #d8dee4;padding-top:12px}"
    "@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}.letter{background:#161b22}a,.address a{color:#79b8ff}"
    ".button{background:#2f81f7;color:#fff}.address,.sign{color:#9da7b3}.sign{border-color:#30363d}}"
)


def as_html(subject: str, text: str, language: str) -> str:
    """The text of a mail as an HTML document in its language."""
    body, _, signature = text.strip().partition(_SIGNATURE)
    blocks = [block.strip("\n") for block in re.split(r"\n\s*\n", body.strip())]
    with translation.override(language):
        shown = [_block(block, before) for before, block in zip(["", *blocks], blocks, strict=False)]
    if signature:
        shown.append(format_html('<p class="sign">{}</p>', _lines(signature.strip().splitlines())))
    return format_html(
        '<!doctype html>\n<html lang="{}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark"><title>{}</title><style>{}</style></head>\n'
        '<body><div class="letter">{}</div></body></html>\n',
        language,
        subject,
        _STYLE,
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
    linked = (format_html('<a href="{0}">{0}</a>', line) if _is_ours(line) else line for line in lines)
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in linked))


def _button(address: str, before: str) -> SafeString:
    """The address as a button, labelled by the sentence that leads to it, and in clear."""
    sentence = re.split(r"(?<=[.!?])\s", before.strip())[-1] if before.endswith(":") else ""
    label = sentence.rstrip(":") if 0 < len(sentence) <= _LABEL else gettext("Open the page")
    return format_html(
        '<p><a class="button" href="{0}">{1}</a></p><p class="address"><a href="{0}">{0}</a></p>', address, label
    )


def _is_ours(line: str) -> bool:
    issuer = settings.VARCO.issuer
    return line == issuer or (line.startswith(f"{issuer}/") and not re.search(r"\s", line))
