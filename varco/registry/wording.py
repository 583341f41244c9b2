"""Sentences of the protocol in the reader's language. The protocol is pure and knows English only."""

import re

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

# The sentences of `protocol.redirect.registration_fault`; a `%(…)s` stands where it names something.
_REDIRECT_FAULTS = (
    noop("Write the redirect URI."),
    noop("The URI is longer than %(limit)s characters."),
    noop("The URI contains characters that must be percent-encoded (spaces, quotes, backslashes, accented letters …)."),
    noop("The URI must be absolute, such as https://app.example.com/callback."),
    noop("The URI must not have a fragment (the part after #): the answer could not be read by your server."),
    noop("Write the scheme in lower case: redirect URIs are compared character by character."),
    noop("The URI must be https. Plain http is accepted only for 127.0.0.1, [::1] and localhost."),
    noop(
        "The scheme %(scheme)s: cannot be used. Use https, or in a native application a scheme made of a domain name you own."
    ),
    noop("The scheme %(scheme)s: can be used by native applications only. Use https."),
    noop("A private-use scheme is a domain name of yours written backwards, such as com.example.app."),
    noop("The URI has nothing after its scheme; add a path such as /callback."),
    noop("The URI has no host."),
    noop("The URI must not have a user name or password before the host."),
    noop("Write the host in lower case: redirect URIs are compared character by character."),
    noop(
        "The host must be one exact host name or address, with a port from 1 to 65535 if any; there are no wildcards."
    ),
    noop("The port must be from 1 to 65535."),
    noop("The path must not have . or .. segments: browsers and servers disagree on where they lead."),
    noop("The URI ends in a bare question mark; remove it."),
    noop("The query holds the parameter %(name)s, which the answer will carry too; rename yours."),
)


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(
        re.sub(r"%\\\((\w+)\\\)s|%\((\w+)\)s", lambda hit: f"(?P<{hit[1] or hit[2]}>.+)", re.escape(sentence))
    )


_PATTERNS = [(_pattern(sentence), sentence) for sentence in _REDIRECT_FAULTS]


def redirect_fault(sentence: str) -> str:
    """A sentence of `registration_fault` in the reader's language; one not listed here stays as it is."""
    for pattern, known in _PATTERNS:
        found = pattern.fullmatch(sentence)
        if found:
            return _(known) % found.groupdict() if found.groupdict() else _(known)
    return sentence


def label(choices: type[TextChoices], key: str) -> str:
    """The label of a choice in the reader's language."""
    return str(choices(key).label) if key in choices.values else key
