"""Quick-start code of a client page, filled with the client's own values (ui.md)."""

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string

from varco.protocol.client import AUTHORIZATION_CODE, AuthMethod, Client
from varco.protocol.client_assertion import audiences

# Template and highlighting language of each sample, by how people sign in.
_CODE = (("curl", "bash"), ("Python", "python"), ("JavaScript", "javascript"))
_STRICT = _CODE[-1:]
SECRET_PLACEHOLDER = "YOUR_CLIENT_SECRET"  # noqa: S105 - stands where the developer puts the real one


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample: the tab's title, the language of the code, the code."""

    title: str
    language: str
    text: str


def samples(client: Client) -> list[Sample]:
    """The same sign-in in curl, Python and JavaScript, for a browser redirect or a device.

    Under FAPI 2.0 in JavaScript alone: nobody signs assertions and proofs by hand, and that library does all of it.
    """
    flow = "code" if AUTHORIZATION_CODE in client.grant_types else "device"
    context = {
        "client": client,
        "issuer": settings.VARCO.issuer,
        "api": settings.VARCO.api_url,
        "insecure": not settings.VARCO.https,
        "redirect_uri": client.redirect_uris[0] if client.redirect_uris else "",
        "scope": " ".join(client.scopes),
        "secret": SECRET_PLACEHOLDER,
        "alg": client.id_token_alg,
        "spa": client.type == "spa",
        "basic": AuthMethod.BASIC in client.accepted_methods,
        "post": client.auth_method == AuthMethod.POST,
        "audience": " or ".join(audiences(client, settings.VARCO.issuer)),
        "keyed": client.auth_method == AuthMethod.PRIVATE_KEY_JWT,
        "public": client.auth_method == AuthMethod.NONE,
    }
    made = []
    for title, language in _STRICT if client.fapi else _CODE:
        template = "fapi" if client.fapi else flow
        text = render_to_string(f"developer/samples/{template}_{title.lower()}.txt", context)
        made.append(Sample(title, language, text.strip() + "\n"))
    return made
