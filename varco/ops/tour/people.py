"""What the people of the story do in their browsers, page by page."""

import re
import time
from collections.abc import Collection, Mapping
from urllib.parse import parse_qs, urlsplit

from varco.ops.tour import totp
from varco.ops.tour.accounts import Account
from varco.ops.tour.browser import Browser, Page
from varco.ops.tour.client import Attempt
from varco.ops.tour.steps import Mismatch, Step

_CLIENT_ID = re.compile(r"\bvarco-[0-9a-f]{16}\b")
_SECRET = re.compile(r"\bvarco-secret\.[A-Za-z0-9_-]{43}\.[0-9a-f]{8}(?![A-Za-z0-9_-])")
_LONGEST_QUEUE = 200  # pages
_TICKET = re.compile(r"/tickets/([0-9]+)/")
_GONE = 410
_INVITATION = {"given_name", "family_name", "password1", "password2"}
_SECOND_STEP, _SET_UP = "/account/2fa/authenticate/", "/account/2fa/totp/activate/"
_DEMANDED = "/account/second-step/"

# Buttons and links are known by what they send and where they lead: what they say is in the language of the person.
_ACCEPT, _APPROVE, _CONFIRM, _NEW_SECRET = "decision=accept", "decision=approve", "confirmed=yes", "/secrets/new/"


class Person:
    """Somebody of the story at a browser of their own."""

    def __init__(self, issuer: str, account: Account) -> None:
        self.account = account
        self.browser = Browser(issuer)

    @property
    def called(self) -> str:
        """What the story calls them."""
        return self.account.called

    def accept_invitation(self) -> bool:
        """Set the first password by the link of the invitation; False if that has been done before."""
        page = self.browser.open(self.account.link)
        if page.status == _GONE:
            return False
        form = page.require().form(names=_INVITATION)
        given, _, family = (self.account.full_name or self.account.email.partition("@")[0]).partition(" ")
        names = {"given_name": given, "family_name": family or "Tour"}
        values = {name: value for name, value in names.items() if not "".join(form.options(name))}
        passwords = dict.fromkeys(("password1", "password2"), self.account.password)
        after = self.browser.submit(page, form, values | passwords)
        if _asks_for_password(after):
            raise Mismatch(f"a first password for {self.account.email}", after.document.text[:300])
        self.browser = Browser(self.browser.issuer)  # they come back another day, and have to sign in
        return True

    def sign_in(self, page: Page | None = None) -> Page:
        """Sign in, on the page given or on the sign-in page, and return the page after it."""
        page = page or self.browser.open("/account/login/")
        form = page.require().form(names={"login", "password"})
        after = self.browser.submit(page, form, {"login": self.account.email, "password": self.account.password})
        if not after.left_for and _SECOND_STEP in after.url:
            after = self._second_step(after)
        if _asks_for_password(after):
            raise Mismatch(f"{self.account.email} to be signed in", after.document.text[:300])
        demanded = not after.left_for and _DEMANDED in after.url
        if self.account.totp == totp.NEW or demanded:
            self._set_up_app()
        return self.browser.open(_DEMANDED) if demanded else after  # which leads on to where they were going

    def _second_step(self, page: Page) -> Page:
        """Type the code of the authenticator app."""
        if self.account.totp in {"", totp.NEW}:
            raise Mismatch(
                f"the key of {self.account.email}'s authenticator app (totp, in the file of --people)", "none"
            )
        for steps in (0, 1, -1):  # a code works once; servers take the ones beside it, since no clock is exact
            code = totp.code(self.account.totp, time.time() + steps * totp.STEP)
            page = self.browser.submit(page, page.form(names={"code"}), {"code": code})
            if page.left_for or _SECOND_STEP not in page.url:
                return page
        raise Mismatch(f"the second step of {self.account.email} to be done", page.document.text[:300])

    def _set_up_app(self) -> None:
        """Set an authenticator app up, keeping its key before it is needed."""
        page = self.browser.open(_SET_UP).require()
        address = next((link.address for link in page.document.links if link.address.startswith("otpauth:")), "")
        key = parse_qs(urlsplit(address).query).get("secret", [""])[0]
        Step.require(totp.is_key(key), "the key of an authenticator app", page.document.text)
        self.account.keep_totp(key)
        after = self.browser.submit(
            page, page.form(names={"code"}, action=_SET_UP), {"code": totp.code(key, time.time())}
        ).require()
        Step.require(_SET_UP not in after.url, "the authenticator app to be switched on", after.document.text)

    def mailed_link(self, pattern: str) -> str:
        """The link of this form in a mail to them, as the demo's mailbox shows it."""
        mailbox = self.browser.open(f"/demo/mailbox?to={self.account.email}").require()
        for link in mailbox.document.links:
            if re.search(r"/demo/mailbox/[0-9]+/$", link.address):
                found = re.search(pattern, self.browser.open(link.address).require().document.text)
                if found:
                    return found[0]
        raise Mismatch(f"a mail to {self.account.email} with the link", mailbox.document.text[:300])


class Manager(Person):
    """Manages a clinic, and asks support on its behalf."""

    def open_ticket(self, kind: str, given: Mapping[str, str]) -> str:
        """Fill in the form of a kind of ticket; its number."""
        page = self.browser.open(f"/tickets/new/{kind}/").require()
        opened = self.browser.submit(page, page.form(names=set(given)), given).require()
        found = _TICKET.search(opened.url)
        Step.require(found, "the page of the ticket", opened.document.text)
        return found[1] if found else ""


class Support(Person):
    """Works tickets."""

    def approve(self, number: str, shown: str) -> Page:
        """Find a ticket in the inbox, see that it shows what it is about, and approve it."""
        inbox = self.browser.open(f"/support/?words={number}").require()
        page = self.browser.open(inbox.link(leads=f"/support/{number}/").address).require()
        Step.require(shown in page.document.text, f"{shown} on the ticket", page.document.text)
        asked = self.browser.submit(page, page.form(button=_APPROVE), button=_APPROVE).require()
        return self.browser.submit(asked, asked.form(button=_CONFIRM), button=_CONFIRM).require()


class Developer(Person):
    """Registers software."""

    def register(
        self, name: str, redirect_uris: Collection[str], scopes: dict[str, str], claims: Collection[str]
    ) -> Page:
        """Fill in the registration form and submit it for review; return the application's page."""
        page = self.browser.open("/developer/applications/new/one-page/").require()
        form = page.form(names={"name", "redirect_uris", "claims", *(f"scope:{scope}" for scope in scopes)})
        values: dict[str, str | Collection[str]] = {
            "name": name,
            "publisher": "Tour Srl",
            "description": "Looks up patients and books their appointments.",
            "contacts": self.account.email,
            "privacy_url": "https://tour.example/privacy",
            "type": "web",
            "environment": "production",
            "redirect_uris": "\n".join(redirect_uris),
            "claims": claims,
        }
        for scope, reason in scopes.items():
            values |= {f"scope:{scope}": "on", f"reason:{scope}": reason}
        check = self.browser.submit(page, form, values, button="then=check").require()
        return self.browser.submit(check, check.form(names={"stamp"})).require()

    def create_secret(self, client_page: Page, label: str) -> str:
        """Create a secret from the client's page; its text is shown on the next page and nowhere else."""
        page = self.browser.open(client_page.link(leads=_NEW_SECRET).address).require()
        shown = self.browser.submit(page, page.form(names={"label", "lifetime"}), {"label": label}).require()
        found = _SECRET.search(shown.document.text)
        Step.require(found, "a client_secret on the page", shown.document.text)
        return found[0] if found else ""

    def retire(self, client_page: Page) -> Page:
        """End the application for good."""
        page = self.browser.open(f"{client_page.url}retire/").require()
        return self.browser.submit(page, page.form(action="/retire/")).require()


class Operator(Person):
    """Reviews software."""

    def find_in_queue(self, name: str) -> Page:
        """The review page of a registration, found in the queue by its name."""
        page = self.browser.open("/staff/applications/").require()
        for _ in range(_LONGEST_QUEUE):
            if any(link.words == name for link in page.document.links):
                return self.browser.open(page.link(words=name).address).require()
            page = self.browser.open(page.link(rel="next").address).require()
        raise Mismatch(f"{name} in the review queue", page.document.text[:300])

    def approve(self, review: Page) -> Page:
        """Put a registration in force."""
        asked = self.browser.submit(review, review.form(button=_APPROVE), button=_APPROVE).require()
        return self.browser.submit(asked, asked.form(button=_CONFIRM), button=_CONFIRM).require()


class User(Person):
    """Somebody of a clinic, who uses software."""

    def authorize(self, attempt: Attempt, *, refuse: Collection[str] = ()) -> tuple[str, Page | None]:
        """Follow the client's link, sign in if asked, answer the consent page; where it led, and the consent page if any."""
        page = self.browser.open(attempt.url)
        if _asks_for_password(page):
            page = self.sign_in(page)
        if page.left_for:
            return page.left_for, None
        consent = page.require()
        form = consent.form(button=_ACCEPT)
        turned_on = [item.value for item in form.controls if item.name == "scope" and item.value not in refuse]
        answered = self.browser.submit(consent, form, {"scope": turned_on}, button=_ACCEPT, without=refuse)
        Step.require(answered.left_for, f"a return to {attempt.redirect_uri}", answered.document.text)
        return answered.left_for, consent

    def withdraw(self, client_id: str) -> Page:
        """Take everything back on "Connected applications"."""
        connected = self.browser.open("/account/applications/").require()
        Step.require(
            any(client_id in link.address for link in connected.document.links),
            f"{client_id} among the connected applications",
            connected.document.text,
        )
        page = self.browser.open(f"/account/applications/{client_id}/withdraw/").require()
        return self.browser.submit(page, page.form(action="/withdraw/")).require()


def _asks_for_password(page: Page) -> bool:
    fields = {name for form in page.document.forms for name in form.names()}
    return not page.left_for and not fields.isdisjoint({"password", "password1"})


def client_id_on(page: Page) -> str:
    """The `client_id` at the top of a client's page. Raises `Mismatch`."""
    text = page.document.text
    found = _CLIENT_ID.search(text)
    Step.require(found, "a client_id on the page", text)
    Step.require(
        found and found.start() < text.find(page.link(leads=_NEW_SECRET).words), "the client_id above the secrets", text
    )
    return found[0] if found else ""
