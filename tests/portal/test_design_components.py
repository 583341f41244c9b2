"""The components by themselves: what they say, how they are tied together, and that nothing in them runs."""

from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from tests.conftest import FrozenClock
from tests.support.html import Element, parse
from varco.catalog import Words

NASTY = "\"><script>alert('x')</script>"
DAY = 86400


def html(source: str, **context: Any) -> str:
    return Template(source).render(Context(context))


def page(source: str, **context: Any) -> Element:
    return parse(html(source, **context))


def one(found: Element, selector: str) -> Element:
    tag = found.select_one(selector)
    assert tag, selector
    return tag


class Form(forms.Form):
    name = forms.CharField(label="Name", help_text="As shown to people", max_length=5)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    kind = forms.ChoiceField(label="Kind", widget=forms.RadioSelect, choices=[("a", "First"), ("b", "Second")])
    agreed = forms.BooleanField(label="Agreed", help_text="All of it")
    secret = forms.CharField(widget=forms.HiddenInput, initial="s", required=False)


def test_a_field_is_tied_to_its_label_help_and_fault() -> None:
    found = page("{% field form.name mono=True autofocus=True %}", form=Form({"name": "too long a name"}))
    box = one(found, "input[name=name]")
    assert one(found, "label")["for"] == box["id"]
    assert box["aria-invalid"] == "true"
    described = str(box["aria-describedby"]).split()
    assert one(found, f"#{described[0]}").get_text().strip() == "As shown to people"
    assert "at most 5 characters" in one(found, f"#{described[1]}").get_text()
    assert box["value"] == "too long a name"
    assert box.has_attr("autofocus")


def test_a_field_without_fault_says_nothing_of_it() -> None:
    found = page("{% field form.note label='Remark' %}", form=Form())
    assert not found.select("[aria-invalid], .field__fault")
    assert one(found, "label").get_text().split() == ["Remark", "(optional)"]


def test_choices_are_a_group_with_a_name() -> None:
    found = page("{% field form.kind %}", form=Form({"kind": ""}))
    group = one(found, "fieldset")
    assert one(found, "legend").get_text() == "Kind"
    assert "required" in one(found, f"#{group['aria-describedby']}").get_text()
    assert [label.get_text() for label in found.select("label")] == ["First", "Second"]


def test_a_checkbox_stands_before_its_label() -> None:
    found = page("{% field form.agreed %}", form=Form())
    assert one(found, "label")["for"] == one(found, "input[type=checkbox]")["id"]
    assert one(found, "input")["aria-describedby"] == one(found, ".field__help")["id"]


def test_a_hidden_field_is_only_itself() -> None:
    assert html("{% field form.secret %}", form=Form()).startswith('<input type="hidden"')


def test_faults_of_a_form_lead_to_their_fields() -> None:
    form = Form({"name": "too long a name", "agreed": "on", "kind": "a"})
    form.add_error(None, "And something general.")
    found = page("{% form_errors form %}{% field form.name %}", form=form)
    link = one(found, "[role=alert] a")
    assert one(found, str(link["href"]))["name"] == "name"
    assert "And something general." in one(found, "[role=alert]").get_text()
    assert html("{% form_errors form %}", form=Form()).strip() == ""


@pytest.mark.parametrize(
    "source",
    [
        "{% copy text text %}",
        "{% plate text %}",
        "{% secret text text %}",
        "{% code_sample text text text %}",
        "{% chip 'info' text %}",
        "{% callout 'info' text %}{{ text }}{% endcallout %}",
        "{% empty_state text text text text %}",
        "{% crumb text text %}",
        "{% tabs items text %}",
        "{% steps words 1 %}",
        "{% timeline entries %}",
        "{% bar_chart bars text text %}",
        "{{ text|initials }}{{ text|browser }}",
        "{% field form.name label=text help=text prefix=text placeholder=text %}",
        "{% form_errors form %}",
    ],
)
def test_no_component_runs_what_it_shows(source: str) -> None:
    entry = {"title": NASTY, "text": NASTY, "actor": NASTY, "kind": "info", "at_ms": 0}
    form = Form({"name": NASTY})
    form.add_error(None, NASTY)
    context = {
        "text": NASTY,
        "items": [(NASTY, NASTY, True)],
        "words": [NASTY],
        "entries": [entry],
        "bars": [(NASTY, 1)],
    }
    found = page(source, form=form, **context)
    assert not found.select("script")
    assert not [name for tag in found.select("*") for name in tag.attrs if name.startswith("on")]


def test_a_status_is_colour_icon_and_word() -> None:
    found = page("{% chip 'danger' 'Suspended' %}")
    assert one(found, ".chip--danger svg path")
    assert found.get_text() == "Suspended"


def test_a_misspelt_status_or_icon_is_an_error_not_a_blank() -> None:
    with pytest.raises(KeyError):
        html("{% chip 'dangerous' 'Suspended' %}")
    with pytest.raises(KeyError):
        html("{% icon 'no-such-icon' %}")


def test_an_icon_is_silent_unless_it_has_a_name() -> None:
    assert one(page("{% icon 'check' %}"), "svg")["aria-hidden"] == "true"
    named = one(page("{% icon 'check' label='Done' %}"), "svg")
    assert (named["role"], named["aria-label"]) == ("img", "Done")


@pytest.mark.parametrize(
    ("offset", "hint"),
    [
        (0, "just now"),
        (30, "in a moment"),
        (-59, "just now"),
        (-60, "1 minute ago"),
        (3600, "in 1 hour"),
        (-2 * DAY, "2 days ago"),
        (45 * DAY, "in 45 days"),
        (-100 * DAY, "3 months ago"),
        (800 * DAY, "in 2 years"),
    ],
)
def test_a_moment_is_a_date_with_a_hint(frozen: FrozenClock, offset: int, hint: str) -> None:
    found = page("{% when at %}", at=frozen.seconds + offset)
    assert one(found, ".time__hint").get_text() == f"({hint})"


def test_moments_are_told_in_the_readers_words_and_the_clinics_time(frozen: FrozenClock) -> None:
    told = page("{% when at %}|{% when_ms at_ms %}|{% day at %}", at=frozen.seconds, at_ms=frozen.milliseconds)
    assert (
        told.get_text()
        == "15 January 2027 at 09:00 CET (just now)|15 January 2027 at 09:00 CET (just now)|15 January 2027"
    )
    assert one(told, "time")["datetime"] == "2027-01-15T08:00:00Z"
    titles = [time["title"] for time in told.select("time")]
    assert titles == ["2027-01-15 08:00:00 UTC", "2027-01-15 08:00:00 UTC", "09:00 CET · 2027-01-15 08:00:00 UTC"]
    with translation.override("it"):
        assert page("{% when at %}", at=frozen.seconds).get_text() == "15 gennaio 2027, ore 09:00 CET (adesso)"
    assert page("{% when at %}{% day at 'Never' %}", at=None).get_text() == "—Never"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(60, "1 minute"), (45, "45 seconds"), (600, "10 minutes"), (90 * DAY, "90 days"), (365 * DAY, "1 year")],
)
def test_a_length_of_time_is_told_in_its_largest_unit(seconds: int, text: str) -> None:
    assert html("{% duration seconds %}", seconds=seconds) == text


def test_pages_keep_the_rest_of_the_query() -> None:
    request = RequestFactory().get("/?to=a%26b&page=2")
    found = page("{% pagination page %}", page=Paginator(range(90), 30).get_page(2), request=request)
    assert [link["href"] for link in found.select("a")] == ["?to=a%26b&page=1", "?to=a%26b&page=3"]
    assert html("{% pagination page %}", page=Paginator([], 30).get_page(1), request=request).strip() == ""


def test_steps_say_where_one_is() -> None:
    found = page("{% steps words 2 %}", words=["One", "Two", "Three"])
    assert one(found, "[aria-current=step]").get_text() == "Two"
    assert "(done)" in found.select("li")[0].get_text()
    assert not page("{% steps words 4 %}", words=["One", "Two", "Three"]).select("[aria-current]")


def test_a_chart_can_be_read_without_seeing_it() -> None:
    found = page("{% bar_chart bars 'Requests' %}", bars=[("Mon", 3), ("Tue", 0), ("Wed", 12)])
    assert [cell.get_text() for cell in found.select("td")] == ["3", "0", "12"]
    heights = [float(str(bar["height"])) for bar in found.select("rect")]
    assert heights[2] == 140
    assert heights[0] == pytest.approx(35, abs=0.1)
    assert len(page("{% bar_chart bars 'Requests' %}", bars=[]).select("rect")) == 0


def test_words_of_the_catalogue_come_in_the_readers_language() -> None:
    words = Words(en="Doctor", it="Medico")
    assert html("{{ role|words }}", role=words) == "Doctor"
    with translation.override("it"):
        assert html("{{ role|words }}", role=words) == "Medico"
    assert html("{{ role|words }}", role=None) == ""


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_named(agent: str, words: str) -> None:
    assert html("{{ agent|browser }}", agent=agent) == words


def test_names_become_initials() -> None:
    for name, letters in {"Mario Rossi": "MR", "Anna Maria De Luca": "AL", "olga@x.example": "O", "": ""}.items():
        assert html("{{ name|initials }}", name=name) == letters
