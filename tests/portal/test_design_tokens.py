"""The colours can be read by everybody: contrasts of WCAG 2.2 AA, in the light and in the dark."""

import re

import pytest

from tests.support.translations import VARCO

TOKENS = (VARCO / "portal" / "static" / "varco" / "css" / "tokens.css").read_text("utf-8")
LIGHT, DARK = TOKENS.split("@media screen and (prefers-color-scheme: dark)")
COLOUR = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
SCHEMES = {"light": dict(COLOUR.findall(LIGHT)), "dark": dict(COLOUR.findall(LIGHT)) | dict(COLOUR.findall(DARK))}
TONES = ("success", "waiting", "danger", "neutral")
# (what is seen, on what): text needs 4.5 to 1 (1.4.3), the edge of a control 3 to 1 (1.4.11).
TEXT = [
    *((ink, ground) for ink in ("ink", "muted", "accent", "accent-strong", "danger") for ground in ("ground", "paper")),
    *(("ink", f"{tone}-soft") for tone in TONES),
    *((tone, f"{tone}-soft") for tone in TONES),
    ("ink", "accent-soft"),
    ("accent", "accent-soft"),
    ("accent-strong", "accent-soft"),
    ("ink", "sunken"),
    ("muted", "sunken"),
    ("on-button", "button"),
    ("on-button", "button-strong"),
    ("on-button", "danger-button"),
    ("on-button", "danger-button-strong"),
    ("plate-ink", "plate"),
]
EDGES = [
    ("line-strong", "paper"),
    ("line-strong", "ground"),
    ("button", "paper"),
    ("accent", "ground"),
    ("accent", "paper"),
    ("success", "paper"),
    ("danger", "paper"),
    ("plate-line", "plate"),
]


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (EDGES, 3.0)], ids=["text", "edges"])
def test_colours_contrast_enough(scheme: str, pairs: list[tuple[str, str]], least: float) -> None:
    colours = SCHEMES[scheme]
    found = {f"{seen} on {ground}": round(contrast(colours[seen], colours[ground]), 2) for seen, ground in pairs}
    assert {pair: ratio for pair, ratio in found.items() if ratio < least} == {}


def test_the_measure_itself_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
