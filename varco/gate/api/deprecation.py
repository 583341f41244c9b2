"""What every answer of a deprecated operation says of it: RFC 9745, RFC 8594."""

import datetime as dt
from email.utils import format_datetime

from varco.catalog import Deprecation
from varco.config import Settings
from varco.gate.http import Headers

CHANGELOG = "/docs/changes/"
"""Path of the portal's changelog, on which each change has its anchor."""

_MIDNIGHT = dt.time(tzinfo=dt.UTC)


def changelog_entry(deprecation: Deprecation, settings: Settings) -> str:
    """The address at which people read what to do."""
    return f"{settings.issuer}{CHANGELOG}#{deprecation.change}"


def deprecation_headers(deprecation: Deprecation, settings: Settings) -> Headers:
    """The headers of an operation, made once for all its answers."""
    since = int(dt.datetime.combine(deprecation.since, _MIDNIGHT).timestamp())
    entry = changelog_entry(deprecation, settings)
    links = [f'<{entry}>; rel="deprecation"; type="text/html"']
    found = [(b"deprecation", b"@%d" % since)]
    if deprecation.sunset:
        sunset = dt.datetime.combine(deprecation.sunset, _MIDNIGHT)
        found.append((b"sunset", format_datetime(sunset, usegmt=True).encode()))
        links.append(f'<{entry}>; rel="sunset"; type="text/html"')
    return [*found, (b"link", ", ".join(links).encode())]


def deprecation_sentence(deprecation: Deprecation, settings: Settings) -> str:
    """The same for those who read the API's documents."""
    end = f"It may cease to answer on {deprecation.sunset.isoformat()}. " if deprecation.sunset else ""
    since = deprecation.since.isoformat()
    return f"Deprecated since {since}. {end}What to do: {changelog_entry(deprecation, settings)}"
