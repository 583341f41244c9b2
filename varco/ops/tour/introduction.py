"""The people's part of the story: a clinic asks for a developer, support activates them, and takes the role away (S7)."""

import re
from collections.abc import Mapping

from varco.ops.tour.accounts import Account
from varco.ops.tour.browser import Page
from varco.ops.tour.people import Developer, Person
from varco.ops.tour.steps import Step, Tour

_MAIL = re.compile(r"https?://\S+/account/invitation/\?token=\S+")
_TICKET = re.compile(r"/tickets/([0-9]+)/")
_PASSWORD = "una-frase-lunga-per-provare"  # noqa: S105 - of an invented person
_DEVELOPER = "/developer/applications/"


class Introduction:
    """Marta asks for a developer whom nobody knows yet; Sara activates and, in the end, deactivates them."""

    def __init__(self, issuer: str, tour: Tour, manager: Account, support: Account, mark: str) -> None:
        self.tour = tour
        self.manager = Person(issuer, manager)
        self.support = Person(issuer, support)
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
            page = self.manager.browser.open("/tickets/new/developer_activation/").require()
            given = {
                "email": self.newcomer.account.email,
                "company": "Tour Srl",
                "purpose": "They try whether the tour can be walked to its end.",
            }
            opened = self._submit(self.manager, page, given)
            found = _TICKET.search(opened.url)
            step.require(found, "the page of the ticket", opened.url)
            self.number = found[1] if found else ""
            step.saw(ticket=self.number, developer=self.newcomer.account.email)

    def _activate(self) -> None:
        with self.tour.step(
            f"{self.support.called}, of support, finds it in the inbox and activates the developer"
        ) as step:
            self.support.sign_in()
            inbox = self.support.browser.open(f"/support/?words={self.number}").require()
            page = self.support.browser.open(inbox.link(leads=f"/support/{self.number}/").address).require()
            step.require(
                self.newcomer.account.email in page.document.text, "the developer's address", page.document.text
            )
            button = "decision=approve"
            asked = self.support.browser.submit(page, page.form(button=button), button=button).require()
            sure = "confirmed=yes"
            decided = self.support.browser.submit(asked, asked.form(button=sure), button=sure).require()
            chain = self._chain(self.manager.browser.open(f"/tickets/{self.number}/").require())
            step.saw(page=decided.document.heading, chain=chain)

    def _chain(self, page: Page) -> str:
        """What the clinic sees of it."""
        Step.require(self.support.account.full_name in page.document.text, "who decided", page.document.text)
        return f"{self.manager.called} → {self.support.called} → invited"

    def _accept(self) -> None:
        with self.tour.step("The developer follows the link of the mail, and has the menu Developer") as step:
            mailbox = self.newcomer.browser.open(f"/demo/mailbox?to={self.newcomer.account.email}").require()
            link = next(
                (link for link in mailbox.document.links if re.search(r"/demo/mailbox/[0-9]+/$", link.address)), None
            )
            step.require(link, "a mail to the developer", mailbox.document.text)
            mail = self.newcomer.browser.open(link.address if link else "").require()
            found = _MAIL.search(mail.document.text)
            step.require(found, "the link of the invitation", mail.document.text)
            self.newcomer.account.link = found[0] if found else ""
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

    @staticmethod
    def _submit(person: Person, page: Page, given: Mapping[str, str]) -> Page:
        return person.browser.submit(page, page.form(names=set(given)), given).require()
