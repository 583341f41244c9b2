"""Inputs are written as Django's own templates write them."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.html import format_html

from tests.support.html import Element, parse
from varco.portal.form_renderer import Renderer

NASTY = "\"><script>alert('x')</script>&amp;"
pytestmark = pytest.mark.either_engine
CHOICES = [
    ("", "None"),
    (NASTY, format_html("<b>{}</b>", NASTY)),
    ("a", NASTY),
    (NASTY, [(1, "One"), (None, "Nothing")]),
]


class Form(forms.Form):
    """A field of each kind."""

    line = forms.CharField(widget=forms.TextInput(attrs={"placeholder": NASTY, "autofocus": True, "cols": False}))
    mail = forms.EmailField(required=False)
    page = forms.URLField(assume_scheme="https")
    number = forms.IntegerField()
    password = forms.CharField(widget=forms.PasswordInput)
    hidden = forms.CharField(widget=forms.HiddenInput)
    agreed = forms.BooleanField()
    text = forms.CharField(widget=forms.Textarea)
    day = forms.DateField()
    one = forms.ChoiceField(choices=CHOICES)
    few = forms.MultipleChoiceField(choices=CHOICES, widget=forms.SelectMultiple)
    radio = forms.ChoiceField(choices=CHOICES[:3], widget=forms.RadioSelect)
    boxes = forms.MultipleChoiceField(choices=CHOICES[:3], widget=forms.CheckboxSelectMultiple)
    file = forms.FileField()


def shape(element: Element) -> list[object]:
    """Tags in their order with attributes and texts, whatever blanks stand between tags."""
    return [(tag.name, tag.attrs, tag.get_text().strip() if not tag.select("*") else "") for tag in element.select("*")]


def drawn(renderer: DjangoTemplates, data: dict[str, object] | None) -> str:
    form = Form(
        data, renderer=renderer, initial={"line": 0, "number": 12345, "text": "\n two\nlines </textarea>", "one": "a"}
    )
    return "".join(
        [
            *map(str, form),
            *(option.tag() for option in form["radio"]),
            *(option.tag(wrap_label=True) for option in form["boxes"]),
        ]
    )


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"line": NASTY, "mail": "x", "number": "1", "agreed": "on", "text": NASTY, "day": "2026-11-28", "one": NASTY,
         "few": ["a", NASTY], "radio": "a", "boxes": ["", "a"], "password": "p"},
    ],
)  # fmt: skip
def test_inputs_are_those_of_django(data: dict[str, object] | None) -> None:
    assert shape(parse(drawn(Renderer(), data))) == shape(parse(drawn(DjangoTemplates(), data)))
