"""What the people of the story do in their browsers, page by page."""

import re
from collections.abc import Collection

from varco.ops.demo.cast import PASSWORD, Account
from varco.ops.tour.browser import Browser, Page
from varco.ops.tour.client import Attempt
from varco.ops.tour.steps import Mismatch, Step

_CLIENT_ID = re.compile(r"\bvarco-[0-9a-f]{16}\b")
_SECRET = re.compile(r"\bvs\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
_LONGEST_QUEUE = 200  # pages

# Buttons and links are known by what they send and where they lead: what they say is in the language of the person.
_ACCEPT, _APPROVE, _CONFIRM, _NEW_SECRET = "decision=accept", "decision=approve", "confirmed=yes", "/secrets/new/"


class Person:
    """One of the demo's people at a browser of their own."""

    def __init__(self, issuer: str, account: Account, password: str = PASSWORD) -> None:
        self.account = account
        self.browser = Browser(issuer)
        self._password = password

    def sign_in(self, page: Page | None = None) -> Page:
        """Sign in, on the page given or on the sign-in page, and return the page after it."""
        page = page or self.browser.open("/account/login/")
        form = page.require().form(names={"login", "password"})
        after = self.browser.submit(page, form, {"login": self.account.email, "password": self._password})
        if not after.left_for and "password" in {name for form in after.document.forms for name in form.names()}:
            raise Mismatch(f"{self.account.email} to be signed in", after.document.text[:300])
        return after


class Developer(Person):
    """Registers software."""

    def register(
        self, name: str, redirect_uris: Collection[str], scopes: dict[str, str], claims: Collection[str]
    ) -> Page:
        """Fill in the registration form and submit it for review; return the application's page."""
        page = self.browser.open("/developer/applications/new/").require()
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
        if not page.left_for and "password" in {name for form in page.document.forms for name in form.names()}:
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


def client_id_on(page: Page) -> str:
    """The `client_id` at the top of a client's page. Raises `Mismatch`."""
    text = page.document.text
    found = _CLIENT_ID.search(text)
    Step.require(found, "a client_id on the page", text)
    Step.require(
        found and found.start() < text.find(page.link(leads=_NEW_SECRET).words), "the client_id above the secrets", text
    )
    return found[0] if found else ""
