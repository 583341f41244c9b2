"""What a developer types into the forms of a registration, and browsers that are signed in already."""

from typing import Any

from django.test import Client

from tests.support.client_response import ClientResponse
from tests.support.html import Element, parse
from tests.support.registrations import REASON
from varco.accounts.models import User
from varco.registry.models import Application

BASE = "/developer/applications/"
STAFF = "/staff/applications/"

DETAILS = {
    "name": "Agenda Facile",
    "publisher": "Facile Srl",
    "description": "Books appointments.",
    "contacts": "dev@facile.example",
    "home_url": "https://facile.example/",
    "privacy_url": "https://facile.example/privacy",
    "product": "",
}
REGISTRATION: dict[str, Any] = {
    "type": "web",
    "environment": "production",
    "grant_types": ["authorization_code"],
    "redirect_uris": "https://app.facile.example/callback\r\nhttps://app.facile.example/silent",
    "post_logout_redirect_uris": "",
    "backchannel_logout_uri": "",
    "profile": "",
    "token_endpoint_auth_method": "client_secret_basic",
    "id_token_alg": "RS256",
    "userinfo_alg": "",
    "jwks": "",
    "jwks_uri": "",
    "pkce_exception": "",
    "claims": ["profile", "email", "tenant"],
    "scope:openid": "on",
    "reason:openid": REASON,
    "scope:giponext.patients": "on",
    "reason:giponext.patients": REASON,
    "required:giponext.patients": "on",
    "scope:giponext.agenda": "on",
    "reason:giponext.agenda": REASON,
}


def signed_in(user: User, **options: Any) -> Client:
    """A browser in which this person is signed in; how one signs in is tested elsewhere."""
    client = Client(**options)
    client.force_login(user)
    return client


def page(response: ClientResponse) -> Element:
    """The page for looking things up in."""
    return parse(response.content)


def fields(response: ClientResponse) -> dict[str, Any]:
    """What the form on a page would send if the person pressed a button now, CSRF token left out."""
    sent: dict[str, Any] = {}
    for element in page(response).select("main form input, main form textarea, main form select"):
        name, kind = str(element.get("name", "")), element.get("type")
        if (
            not name
            or name == "csrfmiddlewaretoken"
            or (kind in {"checkbox", "radio"} and not element.has_attr("checked"))
        ):
            continue
        if element.name == "select":
            chosen = element.select_one("option[selected]") or element.select_one("option")
            value = str(chosen["value"]) if chosen else ""
        elif element.name == "textarea":
            value = element.get_text()
        else:
            value = str(element.get("value", "on" if kind == "checkbox" else ""))
        sent.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in sent.items()}


def register(client: Client, **changes: Any) -> Application:
    """Fill in the form, check, submit: as a developer does."""
    response = client.post(f"{BASE}new/one-page/", DETAILS | REGISTRATION | {"then": "check"} | changes)
    assert response.status_code == 303, page(response).one("main").get_text(" ", strip=True)
    check = client.get(response["Location"])
    assert client.post(response["Location"], fields(check)).status_code == 303
    return Application.objects.get(pk=int(response["Location"].split("/")[3]))
