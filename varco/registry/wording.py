"""Sentences of the protocol in the reader's language. The protocol is pure and knows English only."""

import re

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# The sentences of `protocol.redirect.registration_fault`; a `%(…)s` stands where it names something.
_REDIRECT_FAULTS = (
    gettext_noop("Write the redirect URI."),
    gettext_noop("The URI is longer than %(limit)s characters."),
    gettext_noop(
        "The URI contains characters that must be percent-encoded (spaces, quotes, backslashes, accented letters …)."
    ),
    gettext_noop("The URI must be absolute, such as https://app.example.com/callback."),
    gettext_noop("The URI must not have a fragment (the part after #): the answer could not be read by your server."),
    gettext_noop("Write the scheme in lower case: redirect URIs are compared character by character."),
    gettext_noop("The URI must be https. Plain http is accepted only for 127.0.0.1, [::1] and localhost."),
    gettext_noop(
        "The scheme %(scheme)s: cannot be used. Use https, or in a native application a scheme made of a domain name you own."
    ),
    gettext_noop("The scheme %(scheme)s: can be used by native applications only. Use https."),
    gettext_noop("A private-use scheme is a domain name of yours written backwards, such as com.example.app."),
    gettext_noop("There are no wildcards: register each URI exactly as it is sent."),
    gettext_noop("After %(scheme)s: must come a path, such as %(scheme)s:/callback."),
    gettext_noop("Between %(scheme)s:// and the path can stand letters, digits and - . _ ~ only."),
    gettext_noop("The URI has no host."),
    gettext_noop("The URI must not have a user name or password before the host."),
    gettext_noop("Write the host in lower case: redirect URIs are compared character by character."),
    gettext_noop("The host must be one exact host name or address, with a port from 1 to 65535 if any."),
    gettext_noop("The port must be from 1 to 65535."),
    gettext_noop("The path must not have . or .. segments: browsers and servers disagree on where they lead."),
    gettext_noop("The URI ends in a bare question mark; remove it."),
    gettext_noop("The query holds the parameter %(name)s, which the answer will carry too; rename yours."),
)

# The sentences of `protocol.fapi.registration_faults`.
_FAPI_FAULTS = (
    gettext_noop("FAPI 2.0 needs private_key_jwt: the application signs with its own key instead of sending a secret."),
    gettext_noop("FAPI 2.0 needs ID tokens signed with PS256, ES256 or EdDSA."),
    gettext_noop("FAPI 2.0 needs UserInfo unsigned, or signed with PS256, ES256 or EdDSA."),
    gettext_noop("FAPI 2.0 allows the authorization code flow, with or without refresh tokens, and no other."),
    gettext_noop("FAPI 2.0 needs https redirect URIs."),
    gettext_noop("FAPI 2.0 needs a public key of the application for PS256, ES256 or EdDSA."),
)


def _pattern(sentence: str) -> re.Pattern[str]:
    """A sentence with its `%(…)s` as named groups; one that comes again must be the same."""
    parts = re.split(r"%\((\w+)\)s", sentence)
    text = re.escape(parts[0])
    for position in range(1, len(parts), 2):
        name = parts[position]
        text += f"(?P={name})" if name in parts[1:position:2] else f"(?P<{name}>.+)"
        text += re.escape(parts[position + 1])
    return re.compile(text)


_PATTERNS = [(_pattern(sentence), sentence) for sentence in _REDIRECT_FAULTS]


def redirect_fault(sentence: str) -> str:
    """A sentence of `registration_fault` in the reader's language; one not listed here stays as it is."""
    for pattern, known in _PATTERNS:
        found = pattern.fullmatch(sentence)
        if found:
            return _(known) % found.groupdict() if found.groupdict() else _(known)
    return sentence


def fapi_fault(sentence: str) -> str:
    """A sentence of `fapi.registration_faults` in the reader's language; one not listed here stays as it is."""
    return _(sentence) if sentence in _FAPI_FAULTS else sentence


def label(choices: type[TextChoices], key: str) -> str:
    """The label of a choice in the reader's language."""
    return str(choices(key).label) if key in choices.values else key
