"""The people's part of the story: a clinic asks for a developer, support activates them, and takes the role away (S7)."""

import re

from varco.ops.tour.accounts import Account
from varco.ops.tour.browser import Page
from varco.ops.tour.people import Developer, Manager, Support
from varco.ops.tour.steps import Step, Tour

_LINK = r"https?://\S+/account/invitation/\?token=\S+"
_PASSWORD = "una-frase-lunga-per-provare"  # noqa: S105 - of an invented person
_DEVELOPER = "/developer/applications/"


class Introduction:
    """Marta asks for a developer whom nobody knows yet; Sara activates and, in the end, deactivates them."""

    def __init__(self, issuer: str, tour: Tour, manager: Account, support: Account, mark: str) -> None:
        self.tour = tour
        self.manager = Manager(issuer, manager)
        self.support = Support(issuer, support)
        email = f"nina-{mark}@tour.example"
        self.newcomer = Developer(issuer, Account(email, _PASSWORD, "Nina", "Nina Neri"))
        self.number = ""

    def play(self) -> None:
        """Everything. Raises `Mismatch`."""
        self._open_ticket()
        self._activate()
        self._accept()
        self._deactivate()

    def _open_ticket(self) -> None:
        with self.tour.step(f"{self.manager.called} asks support to activate a developer nobody knows yet") as step:
            self.manager.sign_in()
            given = {
                "email": self.newcomer.account.email,
                "company": "Tour Srl",
                "purpose": "They try whether the tour can be walked to its end.",
            }
            self.number = self.manager.open_ticket("developer_activation", given)
            step.saw(ticket=self.number, developer=self.newcomer.account.email)

    def _activate(self) -> None:
        with self.tour.step(
            f"{self.support.called}, of support, finds it in the inbox and activates the developer"
        ) as step:
            self.support.sign_in()
            decided = self.support.approve(self.number, self.newcomer.account.email)
            chain = self._chain(self.manager.browser.open(f"/tickets/{self.number}/").require())
            step.saw(page=decided.document.heading, chain=chain)

    def _chain(self, page: Page) -> str:
        """What the clinic sees of it."""
        Step.require(self.support.account.full_name in page.document.text, "who decided", page.document.text)
        return f"{self.manager.called} → {self.support.called} → invited"

    def _accept(self) -> None:
        with self.tour.step("The developer follows the link of the mail, and has the menu Developer") as step:
            self.newcomer.account.link = self.newcomer.mailed_link(_LINK)
            step.require(self.newcomer.accept_invitation(), "a first password", "it was set before")
            self.newcomer.sign_in()
            self.newcomer.browser.open(_DEVELOPER).require()
            role = self.newcomer.browser.open("/tickets/developer/").require()
            step.saw(menu=_DEVELOPER, role=role.document.heading)

    def _deactivate(self) -> None:
        with self.tour.step(
            f"{self.support.called} takes the role away with a reason; the menu is gone with the next page"
        ) as step:
            page = self.support.browser.open(f"/support/{self.number}/").require()
            subject = next(
                link.address for link in page.document.links if re.search(r"/support/developers/[^/]+/$", link.address)
            )
            form = self.support.browser.open(f"{subject}deactivate/").require()
            given = {"text": "The tour has come to its end."}
            self.support.browser.submit(form, form.form(names={"text"}, action="/deactivate/"), given).require()
            gone = self.newcomer.browser.open(_DEVELOPER).require(404)
            told = self.newcomer.browser.open("/tickets/developer/").require()
            step.require(given["text"] in told.document.text, "the reason", told.document.text)
            step.saw(status=gone.status, reason=given["text"])
