"""The pictures of docs/developer-guide.md: one application from the first question to its end, as its developer sees it.

What a picture shows is what the steps before it did: they are walked in their order, in a demo that nobody has walked yet.
"""

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from tests.support.browser import Chromium, Visitor

BASE = "/developer/applications/"
NAME = "Visite a Casa"
DETAILS = {
    "publisher": "Codice Sereno Srl",
    "description": "Home visits of a clinic's nurses, planned by who lives where.",
    "description_it": "Le visite a domicilio degli infermieri, ordinate per indirizzo.",
    "product": NAME,
    "contacts": "davide@codicesereno.example\nvisite@codicesereno.example",
    "home_url": "https://visite.example",
    "privacy_url": "https://visite.example/privacy",
}
REASONS = {
    "reason": "The list of the day shows name and address of whom to visit.",
    "reason_it": "L'elenco del giorno mostra nome e indirizzo di chi si visita.",
}
SCOPE = "giponext.patients.read"
LISTENER = "http://127.0.0.1:8765/callback"
"""Where the programs of the quick start listen by themselves."""
LIVE = "https://visite.example/callback"
TALL = 900
NEXT = "main form button.button--primary"

Shoot = Callable[[Visitor, str, int], None]


@dataclass
class Life:
    """Who takes part; `shoot` takes a picture of what somebody sees, under a name, so high."""

    davide: Visitor
    sara: Visitor
    olga: Visitor
    shoot: Shoot

    def shown(self, name: str, tall: int = TALL, top: str = "") -> None:
        """A picture of what Davide sees, from its top or from where an element begins."""
        self.davide.look("document.activeElement?.blur()")
        if top:
            self.davide.page.locator(top).first.evaluate(
                "each => window.scrollTo(0, each.getBoundingClientRect().top - 24)"
            )
        self.shoot(self.davide, name, tall)

    def open(self, address: str) -> None:
        self.davide.open(address)
        self.davide.look("0")

    def press(self, button: str = NEXT) -> None:
        self.davide.page.locator(button).first.click()
        self.davide.look("0")

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.davide.page.locator(f"main [name='{name}']").fill(value)

    def choose(self, name: str, value: str) -> None:
        self.davide.page.locator(f"main [name='{name}'][value='{value}']").check()


def sandbox(life: Life) -> None:
    """A sandbox for himself, which support gives him."""
    life.open("/tickets/new/sandbox/")
    life.choose("data", "invented")
    life.fill(name="Sandbox di Davide", purpose="To try what I write against invented patients.")
    life.press()
    life.sara.open(life.davide.page.url.replace("/tickets/", "/support/"))
    for _asked_once_more in range(2):
        life.sara.page.get_by_role("button", name="Create the sandbox").click()
        life.sara.look("0")


def needed(life: Life) -> None:
    life.open(f"{BASE}guide/registered/")
    life.press("main a:text-is('Yes')")
    life.press("main a:has-text('It runs elsewhere')")
    life.press("main a:has-text('only for another one')")
    life.shown("guide-needed", 460)


def steps(life: Life) -> str:
    """From a template to the last step; the address of the application."""
    life.open(f"{BASE}new/")
    life.fill(name=NAME)
    life.choose("environment", "development")
    life.choose("start", "django")
    life.press()
    application = re.sub(r"edit/.*", "", life.davide.page.url)
    life.open(f"{application}edit/kind/")
    life.shown("guide-kind")
    life.open(f"{application}edit/redirects/")
    life.fill(redirect_uris=f"{LISTENER}\nhttp://localhost:8000/accounts/oidc/varco/login/callback/")
    life.press()
    life.davide.page.locator(f"[name='scope:{SCOPE}']").check()
    life.fill(**{f"{name}:{SCOPE}": reason for name, reason in REASONS.items()})
    life.press()
    life.press()
    life.fill(**DETAILS)
    life.press()
    life.open(f"{application}edit/about/")
    life.shown("guide-about")
    life.open(f"{application}edit/summary/")
    life.shown("guide-submit", 860, "main dl.registration > div:has(code:text-is('openid'))")
    life.press()
    life.shown("guide-first-token", 620)
    return application


def developed(life: Life, application: str) -> None:
    """Approved at once: its page, and the first secret."""
    life.open(application)
    life.shown("guide-approved", 1040)
    life.open(f"{application}first-token/")
    life.press("#next form button")
    life.shown("guide-secret")
    life.open(f"{application}keys/")
    life.shown("guide-keys", 700)


def produced(life: Life, application: str) -> str:
    """The same for production: a copy, which a reviewer asks about and approves; its address."""
    life.open(f"{BASE}new/?copy={application.rstrip('/').rpartition('/')[2]}")
    life.fill(name=f"{NAME} Live")
    life.choose("environment", "production")
    life.press()
    live = re.sub(r"edit/.*", "", life.davide.page.url)
    life.open(f"{live}edit/redirects/")
    life.fill(redirect_uris=LIVE)
    life.press()
    life.open(f"{live}edit/summary/")
    life.press()
    olga = life.olga.page
    life.olga.open("/staff/applications/")
    olga.locator("main").get_by_role("link", name=f"{NAME} Live").first.click()
    life.olga.look("0")
    review = olga.url
    life.olga.open(f"{review}thread/")
    olga.locator("[name=text]").fill(
        "Who sees the list of a day: the nurse whose day it is, or everybody of the clinic?"
    )
    olga.locator("[name=write][value=ask]").click()
    life.olga.look("0")
    life.open(f"{live}questions/")
    life.fill(text="The nurse whose day it is. Who plans the visits sees all of them.")
    life.shown("guide-asked", 760)
    life.press()
    life.olga.open(review)
    for _asked_once_more in range(2):
        olga.get_by_role("button", name=re.compile("^Approve")).first.click()
        life.olga.look("0")
    return live


def changed(life: Life, live: str) -> None:
    """Another redirect URI, which waits beside what is in force."""
    life.open(f"{live}edit/redirects/")
    life.fill(redirect_uris=f"{LIVE}\nhttps://visite.example/signed-in")
    life.press()
    life.open(f"{live}edit/summary/")
    life.press()
    life.open(live)
    life.shown("guide-change", TALL, "#pending")
    life.open(f"{live}environments/")
    life.shown("guide-environments", 820)


def used(life: Life) -> None:
    """An application that has been in use for a month: what becomes of it, and how it would end."""
    life.open(BASE)
    life.press("main a:text-is('Agenda Facile')")
    application = life.davide.page.url
    for name, tall in (("usage", TALL), ("refusals", TALL), ("retire", 800)):
        life.open(f"{application}{name}/")
        life.shown(f"guide-{name}", tall)
    life.open(f"{application}centres/")
    life.press("main a:text-is('Centro Medico Aurora')")
    life.shown("guide-centre")
    life.open(application)
    life.press("a:has-text('It has leaked')")
    life.shown("guide-leaked")


def team(life: Life) -> None:
    life.open("/developer/teams/")
    life.press("main li a")
    page = life.davide.page.url
    life.open(f"{page}invite/")
    life.fill(email="chiara@lumaca.example")
    life.press()
    life.open(page)
    life.shown("guide-team")


def take(chromium: Chromium, shoot: Shoot) -> None:
    """Walk the life of an application and take each picture once, light and in English."""
    with ExitStack() as open_ones:
        davide, sara, olga = (
            open_ones.enter_context(chromium.visitor(who, language="en", color_scheme="light"))
            for who in ("developer", "support", "operator")
        )
        life = Life(davide, sara, olga, shoot)
        sandbox(life)
        needed(life)
        application = steps(life)
        developed(life, application)
        changed(life, produced(life, application))
        used(life)
        team(life)
