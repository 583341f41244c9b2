"""Quick-start code of a client page, filled with the client's own values (ui.md)."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string

from varco import catalog
from varco.protocol.client import AUTHORIZATION_CODE, AuthMethod, Client
from varco.protocol.client_assertion import audiences
from varco.protocol.redirect_uri import is_loopback

# Title of each sample, with its language for highlighting, which is also how its templates are called but for curl's.
_CODE = (("curl", "bash"), ("Python", "python"), ("JavaScript", "javascript"))
_FURTHER = (("C#", "csharp"), ("PHP", "php"), ("Java", "java"))
_STRICT = _CODE[-1:]
LISTENER_PORT = 8765
LISTENER = f"http://127.0.0.1:{LISTENER_PORT}/callback"
"""Where the programs listen by themselves, if it is among the redirect URIs."""
SECRET_PLACEHOLDER = "YOUR_CLIENT_SECRET"  # noqa: S105 - stands where the developer puts the real one


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample: the tab's title, the language of the code, the code."""

    title: str
    language: str
    text: str


def samples(client: Client, secret: str = SECRET_PLACEHOLDER, *, further: bool = True) -> list[Sample]:
    """The same program in each language: sign-in by a browser or a device, then the first page of patients.

    `further`: also in those beyond curl, Python and JavaScript, as far as an application of this kind is written in them.

    They run as they stand, but for the secret, which only the page that shows it once can fill in, and for keys of the
    developer's own (`private_key_jwt`). Under FAPI 2.0 in JavaScript alone: nobody signs assertions and proofs by hand,
    and that library does all of it.
    """
    patients = catalog.current().api.get("patients")
    reading = (patients.scope, patients.read_scope) if patients else ()  # either does
    redirect_uri = _redirect_uri(client)
    context = {
        "client": client,
        "issuer": settings.VARCO.issuer,
        "api": settings.VARCO.api_url,
        "insecure": not settings.VARCO.https,
        "redirect_uri": redirect_uri,
        "listens": _listens_here(redirect_uri),
        "scope": " ".join(client.scopes),
        "patients": next((each for each in reading if each in client.scopes), ""),
        "secret": secret,
        "alg": client.id_token_alg,
        "basic": client.confidential and client.auth_method != AuthMethod.POST,
        "post": client.auth_method == AuthMethod.POST,
        "audience": " or ".join(audiences(client, settings.VARCO.issuer)),
    }
    made = []
    for title, language in _languages(client, further=further):
        name = title.lower() if language == "bash" else language
        text = render_to_string(f"developer/samples/{_kind(client, title)}_{name}.txt", context)
        made.append(Sample(title, language, text.strip() + "\n"))
    return made


def _languages(client: Client, *, further: bool) -> tuple[tuple[str, str], ...]:
    if client.fapi:
        return _STRICT
    return _CODE + _FURTHER if further and in_further_languages(client) else _CODE


def in_further_languages(client: Client) -> bool:
    """Whether there are samples beyond curl, Python and JavaScript.

    What runs in a browser is written in JavaScript, and keys of one's own want a library in any language.
    """
    return client.type != "spa" and runs_alone(client)


def runs_alone(client: Client) -> bool:
    """Whether its samples run as they stand: without a key of the developer's own."""
    return client.auth_method != AuthMethod.PRIVATE_KEY_JWT


def listener(client: Client) -> str:
    """The redirect URI on the developer's own machine at which the samples listen; empty if they ask for the address."""
    found = _redirect_uri(client)
    return found if AUTHORIZATION_CODE in client.grant_types and _listens_here(found) else ""


def _kind(client: Client, title: str) -> str:
    if client.fapi:
        return "fapi"
    if AUTHORIZATION_CODE not in client.grant_types:
        return "device"
    if client.auth_method == AuthMethod.PRIVATE_KEY_JWT:
        return "keyed"
    return "spa" if client.type == "spa" and title == "JavaScript" else "code"


def _redirect_uri(client: Client) -> str:
    """The first one at which a program on the developer's machine can listen, else the first."""
    uri = next(filter(_listens_here, client.redirect_uris), next(iter(client.redirect_uris), ""))
    parts = urlsplit(uri)
    if client.type == "native" and _listens_here(uri) and not parts.port:
        # Any port will do (RFC 8252 §7.3); port 80 is not everybody's.
        return parts._replace(netloc=f"{parts.hostname}:{LISTENER_PORT}").geturl()
    return uri


def _listens_here(uri: str) -> bool:
    return is_loopback(uri) and urlsplit(uri).hostname in {"127.0.0.1", "localhost"}
