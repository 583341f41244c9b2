"""The story: a developer's application, from its registration to the doctor who withdraws it and the integrator who is ended. See docs/operations.md."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from varco.ops.tour import people
from varco.ops.tour.accounts import Cast
from varco.ops.tour.browser import Page
from varco.ops.tour.client import LONG_STATE, Client, Reply, claims_of, fetch
from varco.ops.tour.integrator import IntegratorAccess
from varco.ops.tour.introduction import Introduction
from varco.ops.tour.steps import Mismatch, Tour, veiled

SCOPES = {
    "openid": "People sign in with their clinic account.",
    "profile": "The page greets whoever is signed in.",
    "email": "Summaries are sent to the person who asked.",
    "offline_access": "Appointments are synchronised at night.",
    "giponext.patients": "Patients are looked up by name.",
    "giponext.agenda": "Appointments are booked for them.",
}
CLAIMS = ("profile", "email", "tenant")
REFUSED = "giponext.agenda"


@dataclass
class Findings:
    """What the story knows so far."""

    issuer: str
    metadata: dict[str, Any] = field(default_factory=dict)
    clinic: str = ""
    client_page: Page | None = None
    client: Client | None = None
    tokens: dict[str, Any] = field(default_factory=dict)
    first_refresh: str = ""


class Story:
    """Plays the steps in order; each stands on what the ones before it found."""

    def __init__(self, issuer: str, tour: Tour, cast: Cast) -> None:
        self.told = Findings(issuer)
        self.tour = tour
        self.mark = mark = secrets.token_hex(3)
        self.name = f"Tour {mark}"
        self.callback = f"https://tour-{mark}.example/callback"
        self.other_callback = f"https://tour-{mark}.example/other"
        self.cast = cast
        self.developer = people.Developer(issuer, cast.developer)
        self.operator = people.Operator(issuer, cast.operator)
        self.person = people.User(issuer, cast.person)

    def play(self) -> None:
        """Everything. Raises `Mismatch` at the first step that is not as it must be."""
        self._discover()
        self._accept_invitations()
        manager, support = self.cast.manager, self.cast.support
        if manager and support:
            Introduction(self.told.issuer, self.tour, manager, support, self.mark).play()
        self._register()
        self._approve()
        self._secret()
        self._authorize()
        self._read_api()
        self._stay_out()
        self._refresh()
        self._reuse()
        self._withdraw()
        if manager and support:
            IntegratorAccess(
                self.told.issuer, self.tour, self.cast, client=self.client, callback=self.callback, mark=self.mark
            ).play()
        self._retire()

    @property
    def client(self) -> Client:
        """The client, once it has its secret."""
        if self.told.client is None:
            raise Mismatch("a client", "none yet")
        return self.told.client

    def _api(self, path: str) -> str:
        return f"{self.told.issuer}/v2/{path}"

    def _call(self, path: str) -> Reply:
        return self.client.get(self._api(path), self.told.tokens["access_token"])

    def _discover(self) -> None:
        with self.tour.step("The server describes itself") as step:
            reply = fetch(f"{self.told.issuer}/.well-known/openid-configuration").require(200)
            step.equal(reply.json.get("issuer"), self.told.issuer, "issuer")
            step.require("S256" in reply.json.get("code_challenge_methods_supported", []), "PKCE with S256", reply.json)
            keys = fetch(reply.json["jwks_uri"]).require(200).json["keys"]
            step.require({"ES256", "RS256"} <= {key["alg"] for key in keys}, "keys for ES256 and RS256", keys)
            step.saw(issuer=reply.json["issuer"], published_keys=len(keys))
            self.told.metadata = reply.json

    def _accept_invitations(self) -> None:
        invited = [person for person in (self.operator, self.developer, self.person) if person.account.link]
        if not invited:
            return
        with self.tour.step("Whoever has an invitation sets a password by its link") as step:
            told = {person.account.email: person.accept_invitation() for person in invited}
            step.saw(**{email: "set" if new else "was set before" for email, new in told.items()})

    def _register(self) -> None:
        with self.tour.step(
            f"{self.developer.called}, a developer, registers a web application and submits it for review"
        ) as step:
            self.developer.sign_in()
            uris = (self.callback, self.other_callback)
            self.told.client_page = page = self.developer.register(self.name, uris, SCOPES, CLAIMS)
            step.require(self.name in page.document.heading, f"the page of {self.name}", page.document.text)
            step.require("varco-" not in page.document.text, "no client_id before the approval", page.document.text)
            step.saw(application=self.name, redirect_uris=", ".join(uris), scopes=" ".join(SCOPES))

    def _approve(self) -> None:
        with self.tour.step(
            f"{self.operator.called}, an operator, finds it in the review queue and approves it"
        ) as step:
            self.operator.sign_in()
            decided = self.operator.approve(self.operator.find_in_queue(self.name))
            step.saw(page=decided.document.heading)

    def _secret(self) -> None:
        with self.tour.step(
            f"{self.developer.called} finds the client_id at the top of the client's page and creates a secret"
        ) as step:
            assert self.told.client_page  # noqa: S101 - the step before made it
            page = self.developer.browser.open(self.told.client_page.url).require()
            client_id = people.client_id_on(page)
            secret = self.developer.create_secret(page, "Tour")
            again = self.developer.browser.open(page.url).require()
            step.require(secret not in again.document.text, "a secret that is shown once", "it is shown again")
            self.told.client = Client(self.told.metadata, client_id, secret)
            step.saw(client_id=client_id, client_secret=veiled(secret))

    def _authorize(self) -> None:
        with self.tour.step(f"{self._who()}, signs in through it: accepts patients, refuses agenda") as step:
            attempt = self.client.attempt(self.callback, " ".join(SCOPES))
            callback, consent = self.person.authorize(attempt, refuse={REFUSED})
            step.require(consent, "a consent page", "none")
            if consent:
                words = consent.document.text
                clinic = self.cast.clinic.name if self.cast.clinic else ""
                step.require(self.name in words and clinic in words, "application and clinic on the page", words)
            code = self.client.code_of(attempt, callback)
            step.saw(code=veiled(code), state="as sent", iss=self.told.issuer)
        with self.tour.step("The application exchanges the code; the token carries exactly what was granted") as step:
            tokens = self.client.exchange(attempt, code).require(200).json
            granted = set(SCOPES) - {REFUSED}
            step.equal(set(tokens.get("scope", "").split()), granted, "scope")
            step.equal(tokens.get("token_type"), "Bearer", "token_type")
            claims = claims_of(tokens.get("id_token", ""))
            step.equal(claims.get("iss"), self.told.issuer, "iss of the ID token")
            step.require(self.client.client_id in _list(claims.get("aud")), "the client_id in aud", claims)
            step.equal(claims.get("nonce"), attempt.nonce, "nonce of the ID token")
            step.require(claims.get("exp", 0) > time.time(), "an ID token that has not expired", claims)
            step.require(tokens.get("refresh_token"), "a refresh token", sorted(tokens))
            self.told.tokens, self.told.first_refresh = tokens, tokens["refresh_token"]
            step.saw(scope=tokens["scope"], expires_in=tokens.get("expires_in"), sub=claims.get("sub"))

    def _read_api(self) -> None:
        with self.tour.step("UserInfo says who signed in and in which clinic") as step:
            seen = self._call("userinfo").require(200).json
            known, clinic = self.person.account, self.cast.clinic
            expected = {"sub": claims_of(self.told.tokens["id_token"])["sub"]}
            if known.full_name:
                expected["name"] = known.full_name
            if clinic:
                expected["tenants"] = [{"id": clinic.public_id, "name": clinic.name}]
            step.equal(seen, seen | expected, "userinfo")
            step.equal(set(seen), {"sub", "name", "tenants"}, "members of userinfo")
            step.require(seen["tenants"], f"a clinic that {known.called} works for", seen)
            self.told.clinic = seen["tenants"][0]["id"]
            step.saw(userinfo=seen)
        with self.tour.step(f"The patients of {seen['tenants'][0]['name']} are there") as step:
            seen = self._call(f"tenants/{self.told.clinic}/patients?limit=5").require(200).json
            items = seen.get("items", [])
            if clinic:
                step.require(len(items) == 5 and seen.get("hasMore") is True, "5 patients and more to come", seen)
            if not items:
                step.saw(patients="none yet")
                return
            step.require(
                {"id", "firstName", "lastName", "fiscalCode"} <= set(items[0]), "a patient's fields", sorted(items[0])
            )
            one = self._call(f"tenants/{self.told.clinic}/patients/{items[0]['id']}").require(200).json
            step.equal(one["id"], items[0]["id"], "id")
            if clinic:  # what others may read on a terminal is of invented patients alone
                step.saw(first=f"{one['lastName']} {one['firstName']}, {one['fiscalCode']}")
            else:
                step.saw(read=f"{len(items)} in a list, and one by its id")

    def _who(self) -> str:
        return f"{self.person.called}, a doctor of Aurora" if self.cast.clinic else f"{self.person.called}, of a clinic"

    def _stay_out(self) -> None:
        with self.tour.step("The other clinic does not exist for this token") as step:
            reply = self._call(f"tenants/{self.cast.other_clinic}/patients").require(404)
            step.saw(status=reply.status, error=reply.json.get("error"), request_id=reply.headers.get("x-request-id"))
        with self.tour.step("Agendas are refused, and the answer says which layer refused") as step:
            reply = self._call(f"tenants/{self.told.clinic}/agendas").require(403)
            step.equal(reply.json.get("layer"), "scope", "layer")
            step.require(REFUSED in str(reply.json), f"{REFUSED} named as what was required", reply.json)
            step.saw(status=reply.status, answer=reply.json)

    def _refresh(self) -> None:
        with self.tour.step("The refresh token rotates") as step:
            tokens = self.client.refresh(self.told.first_refresh).require(200).json
            step.require(tokens["refresh_token"] != self.told.first_refresh, "another refresh token", "the same")
            self.told.tokens |= tokens
            self._call("userinfo").require(200)
            step.saw(before=veiled(self.told.first_refresh), after=veiled(tokens["refresh_token"]))
        with self.tour.step(
            "The same token again within the window, as after a lost answer: the same successor"
        ) as step:
            again = self.client.refresh(self.told.first_refresh).require(200).json
            same = again["refresh_token"] == self.told.tokens["refresh_token"]
            step.require(same, "the successor of before", veiled(again["refresh_token"]))
            step.saw(successor=veiled(again["refresh_token"]))

    def _reuse(self) -> None:
        with self.tour.step("An older refresh token is taken for a stolen one: it ends everything") as step:
            latest = self.client.refresh(self.told.tokens["refresh_token"]).require(200).json
            reply = self.client.refresh(self.told.first_refresh).require(400)
            step.equal(reply.json.get("error"), "invalid_grant", "error")
            self.told.tokens |= latest
            self._call("userinfo").require(401)
            dead = self.client.refresh(latest["refresh_token"]).require(400)
            step.equal(dead.json.get("error"), "invalid_grant", "error of the newest token")
            step.saw(error=reply.json["error"], description=reply.json.get("error_description"), api=401)

    def _withdraw(self) -> None:
        with self.tour.step(
            f"{self.person.called} signs in through it once more, with a state of {LONG_STATE} characters"
        ) as step:
            attempt = self.client.attempt(self.other_callback, " ".join(SCOPES), long_state=True)
            callback, consent = self.person.authorize(attempt, refuse={REFUSED})
            self.told.tokens = self.client.exchange(attempt, self.client.code_of(attempt, callback)).require(200).json
            self._call("userinfo").require(200)
            step.saw(consent="asked again" if consent else "remembered", scope=self.told.tokens["scope"])
        with self.tour.step(
            f"{self.person.called} withdraws it on “Connected applications”; the very next call is refused"
        ) as step:
            self.person.withdraw(self.client.client_id)
            reply = self._call("userinfo").require(401)
            challenge = reply.headers.get("www-authenticate", "")
            step.require('error="invalid_token"' in challenge, "invalid_token in WWW-Authenticate", challenge)
            refused = self.client.refresh(self.told.tokens["refresh_token"]).require(400)
            step.equal(refused.json.get("error"), "invalid_grant", "error of the refresh token")
            step.saw(status=reply.status, www_authenticate=challenge)

    def _retire(self) -> None:
        with self.tour.step(
            f"{self.developer.called} retires the application: nobody can sign in through it any more"
        ) as step:
            assert self.told.client_page  # noqa: S101 - an earlier step made it
            self.developer.retire(self.told.client_page)
            page = self.person.browser.open(self.client.attempt(self.callback, "openid").url)
            step.require(
                not page.left_for and page.status >= 400, "an error page and no redirect", page.left_for or page.status
            )
            step.saw(status=page.status, page=page.document.heading)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
