"""Integrator access in the story: a clinic lets somebody of another company work with real data, and ends it (S25, S26)."""

import datetime as dt
from typing import Any

from varco.ops.tour import totp
from varco.ops.tour.accounts import Account, Cast
from varco.ops.tour.client import Client
from varco.ops.tour.people import Manager, Support, User
from varco.ops.tour.steps import Mismatch, Tour

_LINK = r"https?://\S+/account/integrator/\?token=\S+"
_PASSWORD = "tre-parole-e-un-ponte"  # noqa: S105 - of an invented person
_SCOPES = "openid giponext.patients"
_DAYS = 30


class IntegratorAccess:
    """Marta asks, Sara grants, Nino works for a while; Marta ends it, and his next call is refused."""

    def __init__(self, issuer: str, tour: Tour, cast: Cast, *, client: Client, callback: str, mark: str) -> None:
        if not (cast.manager and cast.support and cast.clinic):
            raise Mismatch("a manager, support and a clinic", "an installation of which the tour knows none")
        self.tour = tour
        self.client = client
        self.callback = callback
        self.patients = f"{issuer}/v2/tenants/{cast.clinic.public_id}/patients?limit=5"
        self.manager = Manager(issuer, cast.manager)
        self.support = Support(issuer, cast.support)
        account = Account(f"nino-{mark}@tour.example", _PASSWORD, "Nino", "Nino Nardi", totp=totp.NEW, invented=True)
        self.integrator = User(issuer, account)
        self.number = ""
        self.tokens: dict[str, Any] = {}

    def play(self) -> None:
        """Everything. Raises `Mismatch`."""
        self._open_ticket()
        self._grant()
        self._accept()
        self._work()
        self._end()

    def _open_ticket(self) -> None:
        with self.tour.step(f"{self.manager.called} asks for temporary access to real data for an integrator") as step:
            self.manager.sign_in()
            last_day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=_DAYS)
            given = {
                "email": self.integrator.account.email,
                "project": "They try whether the tour can be walked to its end with real data.",
                "sets": "reading_patients",
                "client_id": self.client.client_id,
                "last_day": last_day.isoformat(),
            }
            self.number = self.manager.open_ticket("integrator_access", given)
            step.saw(ticket=self.number, integrator=given["email"], at_most=given["sets"], last_day=given["last_day"])

    def _grant(self) -> None:
        with self.tour.step(f"{self.support.called}, of support, finds it in the inbox and gives the access") as step:
            self.support.sign_in()
            decided = self.support.approve(self.number, self.integrator.account.email)
            step.saw(page=decided.document.heading)

    def _accept(self) -> None:
        with self.tour.step("The integrator accepts by the link of the mail: a password, then a second factor") as step:
            account, browser = self.integrator.account, self.integrator.browser
            page = browser.open(self.integrator.mailed_link(_LINK)).require()
            account.link = browser.submit(page, page.form(action="/account/integrator/")).require().url
            step.require(self.integrator.accept_invitation(), "a first password", "it was set before")
            self.integrator.sign_in()
            step.require(account.totp != totp.NEW, "an authenticator app", "none was set up")
            home = self.integrator.browser.open("/").require()
            step.require(str(_DAYS) in home.document.text, f"{_DAYS} days that are left", home.document.text)
            step.saw(second_factor="app", page=home.document.heading)

    def _work(self) -> None:
        with self.tour.step("The application gets a token for them, and reads patients with it") as step:
            attempt = self.client.attempt(self.callback, _SCOPES)
            callback, consent = self.integrator.authorize(attempt)
            step.require(consent, "a consent page", "none")
            self.tokens = self.client.exchange(attempt, self.client.code_of(attempt, callback)).require(200).json
            step.equal(self.tokens.get("scope"), _SCOPES, "scope")
            seen = self.client.get(self.patients, self.tokens["access_token"]).require(200).json
            step.require(seen.get("items"), "patients", seen)
            step.saw(scope=self.tokens["scope"], read=f"{len(seen['items'])} in a list")

    def _end(self) -> None:
        with self.tour.step(f"{self.manager.called} ends the access; the very next call is refused") as step:
            listed = self.manager.browser.open("/clinic/integrators/").require()
            there = listed.link(words=self.integrator.account.email).address
            page = self.manager.browser.open(f"{there}end/").require()
            form = page.form(names={"text"}, action="/end/")
            report = self.manager.browser.submit(page, form, {"text": "The tour has come to its end."}).require()
            reply = self.client.get(self.patients, self.tokens["access_token"]).require(401)
            step.require("/report/" in report.url, "the report of what was done", report.url)
            step.saw(
                status=reply.status,
                www_authenticate=reply.headers.get("www-authenticate", ""),
                report=report.document.heading,
            )
