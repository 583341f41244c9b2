"""Text that people write: what it may consist of, and where the first wrong character stands."""

import re

import emoji
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varco import text
from varco.clinical.patients import ONE_LINE


@pytest.mark.parametrize(
    "sound",
    [
        "", "D'Amàto", "Ødegård", "Nguyễn Thị", "李小龙", "עזרא", "محمد", "Ana-María", "a & b <c>",
        "👩‍⚕️", "👨‍👩‍👧‍👦 Family", "❤️‍🔥", "❤️", "☎︎", "👩🏽‍⚕️", "🏳️‍🌈", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇮🇹", "1️⃣", "#⃣", "🧑🏻‍🤝‍🧑🏿", "A👍🏽B",
        "می‌خواهم", "क्‍ष", "ശ്‌ശ",
    ],
)  # fmt: skip
def test_names_of_every_script_and_emoji_are_sound(sound: str) -> None:
    assert text.one_line(sound) is None


@pytest.mark.parametrize(
    ("wrong", "position", "code_point"),
    [
        ("Rossi\nBianchi", 6, "U+000A"),
        ("a\tb", 2, "U+0009"),
        ("\u202eissoR", 1, "U+202E"),
        ("Agenda\u2066", 7, "U+2066"),
        ("a\u200bb", 2, "U+200B"),
        ("a\u200db", 2, "U+200D"),
        ("a\u200cb", 2, "U+200C"),
        ("👩\u200d", 2, "U+200D"),
        ("👩‍⚕️\u200dx", 5, "U+200D"),
        ("a\ufe0f", 2, "U+FE0F"),
        ("👍\ufe0f\ufe0f", 3, "U+FE0F"),
        ("x\U000e0067\U000e007f", 2, "U+E0067"),
        ("a\u3164", 2, "U+3164"),
        ("a\u00adb", 2, "U+00AD"),
        ("a\u2800b", 2, "U+2800"),
        ("a\x00", 2, "U+0000"),
        ("a\x7f", 2, "U+007F"),
        ("a\u2028b", 2, "U+2028"),
        ("a\ud800", 2, "U+D800"),
        ("a\U000e0100", 2, "U+E0100"),
    ],
)
def test_what_cannot_be_seen_is_named_by_its_place(wrong: str, position: int, code_point: str) -> None:
    found = text.one_line(wrong)
    assert found is not None
    assert (found.position, found.code_point) == (position, code_point)


def test_a_long_text_may_have_lines_and_no_more() -> None:
    assert text.several_lines("one\r\n\ttwo") is None
    found = text.several_lines("one\ntwo\u202e")
    assert found is not None
    assert found.position == 8


@given(st.text())
def test_what_the_published_pattern_of_names_refuses_the_rule_refuses(name: str) -> None:
    assert re.search(ONE_LINE, name) or text.one_line(name)


@given(st.text())
def test_a_sound_text_holds_nothing_that_breaks_a_line_or_turns_it(name: str) -> None:
    if text.one_line(name) is None:
        assert not set(name) & set("\n\r\x0b\x0c\x85\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize(
    "name",
    [
        "Anna",
        "J. R. R.",
        "Maria-Luce",
        "D.",
        "dott. Rossi",
        "Ph. D",
        "O'Brien",
        "3",
        "M.Rossi",
        "St.John",
        "Dr.med.Rossi",
    ],
)
def test_names_of_people_that_hold_no_link(name: str) -> None:
    assert text.link_in(name) == ""


@pytest.mark.parametrize(
    "name", ["https://evil.example", "evil.com", "www.evil", "a@b", "Click evil。com now", "10.0.0.1", "x://y", "a.IT",
             "зло.рф", "x.xn--p1ai", "ａ．ｉｔ"]
)  # fmt: skip
def test_what_a_mail_program_makes_a_link_of_is_none(name: str) -> None:
    assert text.link_in(name)


def test_every_emoji_that_unicode_names_can_be_written() -> None:
    """Of the list in the package `emoji`, made of Unicode's emoji-test.txt: each alone, and between two words."""
    refused = [each for each in emoji.EMOJI_DATA if text.one_line(each) or text.one_line(f"a{each}b")]
    assert len(emoji.EMOJI_DATA) > 3500
    assert refused == []
