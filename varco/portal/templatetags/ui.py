"""The components that pages are made of. Built in: no `{% load %}` is needed.

Each tag is one component of the style guide (`/styleguide`), which shows it with its markup.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from varco import catalog
from varco.portal.common import bilingual
from varco.portal.common.registration_difference import Row
from varco.portal.templatetags import agents, charts, fields, icons, registrations, times

register = template.Library()

CHIP_ICONS = {"success": "check", "waiting": "clock", "danger": "stop", "neutral": "dot", "info": "info"}
CALLOUT_ICONS = {"success": "check", "waiting": "clock", "danger": "stop", "neutral": "info", "info": "info"}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sheet; decorative unless it has a label."""
    return icons.svg(name, label)


@register.simple_tag
def chip(kind: str, text: object, icon: str = "") -> SafeString:
    """A status: colour, icon and word, so that no status is told by colour alone."""
    return icons.chip(kind, text, icon or CHIP_ICONS[kind])


@register.simple_tag
def values(row: Row) -> SafeString:
    """The values of one row of a registration, with marks where it is compared with another."""
    return registrations.values(row)


@register.simple_tag
def remark(box: BoundField) -> SafeString:
    """Where a reviewer remarks on one field."""
    return registrations.remark(box)


@register.simple_tag
def field(bound: BoundField, **options: Any) -> SafeString:
    """A form field with label, help, error and input.

    Options: `label`, `help`, `prefix`, `mono` (for codes and addresses), and attributes of the input: `placeholder`,
    `autocomplete`, `rows`, `inputmode`, `autofocus`.
    """
    return fields.render(bound, **options)


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """What is wrong with a form, on top of it, each fault a link to its field."""
    faults = [
        (form[name].id_for_label, form[name].label, errors)
        for name, errors in form.errors.items()
        if name in form.fields
    ]
    return {"general": form.non_field_errors(), "faults": faults}


@register.simple_tag
def when(seconds: int | None, empty: object = "—") -> SafeString:
    """A moment given in epoch seconds: absolute, with how far away it is."""
    return times.moment(seconds, empty)


@register.simple_tag
def when_ms(milliseconds: int | None, empty: object = "—") -> SafeString:
    """A moment given in epoch milliseconds."""
    return times.moment(None if milliseconds is None else milliseconds // 1000, empty)


@register.simple_tag
def when_datetime(moment: dt.datetime | None, empty: object = "—") -> SafeString:
    """A moment given as a `datetime`, as django-allauth keeps them."""
    return times.moment(int(moment.timestamp()) if moment else None, empty)


@register.simple_tag
def day(seconds: int | None, empty: object = "—") -> SafeString:
    """The day of a moment given in epoch seconds, for tables."""
    return times.day(seconds, empty)


@register.simple_tag
def day_datetime(moment: dt.datetime | None, empty: object = "—") -> SafeString:
    """The day of a moment given as a `datetime`, for tables."""
    return times.day(int(moment.timestamp()) if moment else None, empty)


@register.simple_tag
def duration(seconds: int) -> str:
    """A length of time in its largest unit: "30 days", "10 minutes"."""
    return times.duration(seconds)


@register.inclusion_tag("components/copy.html")
def copy(value: object, label: object = "") -> dict[str, Any]:
    """A value to copy. `label` says what it is, for the button's name. Without JavaScript it is selected by one click."""
    return {"value": value, "label": label}


@register.inclusion_tag("components/plate.html")
def plate(value: object, label: object = "") -> dict[str, Any]:
    """The plate of an application, its `client_id`, as a number plate with a copy button."""
    return {"value": value, "label": label}


@register.inclusion_tag("components/secret.html")
def secret(value: object, label: object = "") -> dict[str, Any]:
    """A secret that is shown this once."""
    return {"value": value, "label": label}


@register.inclusion_tag("components/empty_state.html")
def empty_state(
    title: object, text: object = "", href: str = "", action: object = "", icon: str = "inbox"
) -> dict[str, Any]:
    """What to show where a list would be, with the next step."""
    return {"title": title, "text": text, "href": href, "action": action, "icon": icon}


@register.inclusion_tag("components/code_sample.html")
def code_sample(text: object, language: str = "", title: object = "") -> dict[str, Any]:
    """Code to read and copy."""
    return {"text": str(text).strip("\n"), "language": language, "title": title or language}


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Iterable[Any]) -> dict[str, Any]:
    """What happened, newest first. Entries have `at_ms`, `title`, `actor`, `text` and `kind` (as chips, or empty)."""
    return {"entries": entries}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Sequence[tuple[str, object, bool]], label: object = "") -> dict[str, Any]:
    """Tabs that are links. Items are (address, words, whether it is the current one)."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/steps.html")
def steps(items: Sequence[object], current: int) -> dict[str, Any]:
    """The steps of something longer; `current` counts from 1, and one past the last means that all are done."""
    shown = [
        (words, "done" if number < current else "current" if number == current else "ahead")
        for number, words in enumerate(items, 1)
    ]
    return {"steps": shown}


@register.inclusion_tag("components/search.html")
def search(label: object, words: str = "") -> dict[str, Any]:
    """The line that narrows a list by words; `label` says which."""
    return {"label": label, "words": words}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page[Any], parameter: str = "page", anchor: str = "") -> dict[str, Any]:
    """Previous and next of a `django.core.paginator.Page`, and how many there are; the rest of the query stays.

    `anchor` is the id of the part of the page in which the list stands.
    """
    request = context["request"]

    def address(number: int) -> str:
        query = request.GET.copy()
        query[parameter] = str(number)
        return f"?{query.urlencode()}{'#' if anchor else ''}{anchor}"

    return {
        "page": page,
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "next": address(page.next_page_number()) if page.has_next() else "",
    }


@register.simple_tag
def bar_chart(points: Sequence[tuple[object, float]], title: str, unit: str = "", *, table: bool = True) -> SafeString:
    """Bars drawn by the server, with the figures as a table for those who cannot see them, unless the page has one."""
    return charts.bars(points, title, unit, table=table)


@register.simple_tag
def crumb(text: object, href: str = "") -> SafeString:
    """One step of the breadcrumb; the last has no address."""
    if href:
        return format_html('<li><a href="{}">{}</a></li>', href, text)
    return format_html('<li aria-current="page">{}</li>', text)


@register.filter
def words(text: catalog.Words | None) -> str:
    """A text of the catalogue in the reader's language."""
    return text.in_language(get_language() or "en") if text else ""


@register.inclusion_tag("components/said.html")
def said(english: str, italian: str) -> dict[str, Any]:
    """Words of a developer in the reader's language, or in the one they were given in, which is then named."""
    return {"said": bilingual.said(english, italian)}


@register.filter
def inline(sentence: str) -> str:
    """A sentence of the catalogue in the middle of another one: with a small letter first."""
    return sentence[:1].lower() + sentence[1:]


@register.filter
def browser(user_agent: str) -> str:
    """A browser's `User-Agent` in words."""
    return agents.describe(user_agent)


@register.filter
def initials(name: str) -> str:
    """Up to two letters that stand for a person."""
    parts = str(name).split()
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


@register.tag
def callout(parser: Parser, token: Token) -> "CalloutNode":
    """`{% callout kind title %}…{% endcallout %}`: a note that stands out; title may be left out."""
    arguments = [parser.compile_filter(part) for part in token.split_contents()[1:]]
    if len(arguments) not in {1, 2}:
        raise template.TemplateSyntaxError("callout needs a kind and, if wanted, a title")
    body = parser.parse(("endcallout",))
    parser.delete_first_token()
    return CalloutNode(body, *arguments)


class CalloutNode(template.Node):
    """The node of `callout`."""

    def __init__(self, body: NodeList, kind: FilterExpression, title: FilterExpression | None = None) -> None:
        self.nodelist, self.kind, self.title = body, kind, title

    def render(self, context: template.Context) -> SafeString:
        """The note, as HTML."""
        kind = str(self.kind.resolve(context))
        title = self.title.resolve(context) if self.title else ""
        return callout_html(kind, title, self.nodelist.render(context))


def callout_html(kind: str, title: object, body: object) -> SafeString:
    """A callout around `body`, which is HTML already if it is a SafeString."""
    return SafeString(
        render_to_string(
            "components/callout.html", {"kind": kind, "title": title, "body": body, "icon": CALLOUT_ICONS[kind]}
        )
    )


@register.simple_tag
def message_callout(message: Any) -> SafeString:
    """A message of `django.contrib.messages` as a callout."""
    kind = {"error": "danger", "warning": "waiting", "success": "success"}.get(message.level_tag, "info")
    return callout_html(kind, "", message)
