"""A browser in words: "Firefox on Linux" says more to a person than its `User-Agent` header."""

import re

from django.utils.translation import gettext

# The order matters: nearly every browser also names the ones it descends from.
_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrom(?:e|ium)/|CriOS/"),
    ("Safari", r"Version/.*Safari/"),
)
_SYSTEMS = (
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)


def _first(choices: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in choices if re.search(pattern, text)), "")


def describe(user_agent: str) -> str:
    """Browser and system, as far as they are told; the start of the header when neither is known."""
    name, system = _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)
    if name and system:
        return gettext("%(browser)s on %(system)s") % {"browser": name, "system": system}
    return name or system or user_agent[:40] or gettext("Unknown browser")
