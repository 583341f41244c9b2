"""What the tests of sign-in and consent share: a sound authorization request, a browser, and reading what it is answered."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.test import Client

from tests.support import people
from tests.support.client_response import ClientResponse
from tests.support.html import parse
from tests.support.people import Registered
from varco.accounts.models import User

AUTHORIZE = "/oauth2/authorize"
VERIFIER = "a-code-verifier-of-at-least-forty-three-characters"
CHALLENGE = "zRBx9SQcvH8iD2qQUZOFiDKmiY7JQKwrvUvH9-LwMeU"
ISSUER = "http://localhost:8000"


def parameters(application: Registered, **changes: str | None) -> dict[str, str]:
    """A request that is sound; a change to None leaves the parameter out."""
    sound: dict[str, str | None] = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": people.CALLBACK,
        "scope": "openid giponext.patients giponext.agenda",
        "state": "a state",
        "nonce": "a nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in (sound | changes).items() if value is not None}


def ask(browser: Client, application: Registered, **changes: str | None) -> ClientResponse:
    return browser.get(AUTHORIZE, parameters(application, **changes))


def ask_raw(browser: Client, query: str) -> ClientResponse:
    """With the query exactly as written."""
    return browser.get(AUTHORIZE, QUERY_STRING=query)


def query_of(application: Registered, **changes: str | None) -> str:
    return urlencode(parameters(application, **changes))


def signed_in(user: User) -> Client:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    browser.force_login(user)
    return browser


def answer_of(response: ClientResponse, redirect_uri: str = people.CALLBACK) -> dict[str, str]:
    """The parameters with which the browser is sent back to the client; fails if it is not."""
    assert response.status_code == 303, response.content.decode()[:3000]
    location = response["Location"]
    assert location.startswith(redirect_uri), location
    pairs = parse_qsl(urlsplit(location).query, keep_blank_values=True, strict_parsing=True)
    found = dict(pairs)
    assert len(found) == len(pairs), "a parameter came twice"
    return found


def next_page(browser: Client, response: ClientResponse) -> ClientResponse:
    """Where a redirect within this server leads, one step on."""
    assert response.status_code in {302, 303}, response.content.decode()[:3000]
    assert response["Location"].startswith("/"), response["Location"]
    return browser.get(response["Location"])


def consent_page(browser: Client, application: Registered, **changes: str | None) -> "Consent":
    """The consent page of a request by somebody signed in."""
    response = ask(browser, application, **changes)
    assert response.status_code == 303, response.content.decode()[:3000]
    return Consent(browser, response["Location"])


class Consent:
    """A consent page as a browser without JavaScript has it."""

    def __init__(self, browser: Client, address: str) -> None:
        self.browser = browser
        self.address = address
        self.show(browser.get(address))

    def show(self, response: ClientResponse) -> None:
        """Go on with this page, which may be the answer to its own form."""
        self.response = response
        self.soup = parse(response.content)

    @property
    def text(self) -> str:
        return " ".join(self.soup.get_text(" ").split())

    def switches(self, name: str = "scope") -> dict[str, dict[str, Any]]:
        boxes = self.soup.select(f"form.consent input[type=checkbox][name={name}]")
        return {str(box["value"]): dict(box.attrs) for box in boxes}

    def on(self) -> list[str]:
        """What the page would send as it stands: boxes that are ticked and not locked, and what stands for required ones."""
        hidden = [str(field["value"]) for field in self.soup.select("form.consent input[type=hidden][name=scope]")]
        return hidden + [name for name, box in self.switches().items() if "checked" in box and "disabled" not in box]

    def everything(self) -> list[str]:
        """What the page would send with every switch turned on."""
        hidden = [str(field["value"]) for field in self.soup.select("form.consent input[type=hidden][name=scope]")]
        return hidden + [name for name, box in self.switches().items() if "disabled" not in box]

    def decide(self, decision: str, *, scopes: list[str] | None = None, **more: Any) -> ClientResponse:
        hidden = {name: self._hidden(name) for name in ("version", "shown")}
        body = hidden | {"decision": decision, "scope": self.everything() if scopes is None else scopes, **more}
        return self.browser.post(self.address, body)

    def _hidden(self, name: str) -> str:
        field = self.soup.select_one(f"form.consent input[name={name}]")
        return str(field["value"]) if field else ""

    def accept(self, *, scopes: list[str] | None = None, **more: Any) -> ClientResponse:
        return self.decide("accept", scopes=scopes, **more)

    def refuse(self) -> ClientResponse:
        return self.decide("refuse")
