"""The side navigation: which pages exist for whom. It hides, it does not protect; every page checks for itself."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varco import catalog
from varco.accounts.models import User
from varco.tenants.queries import role_now

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Page:
    """An entry of the menu: the name of its address, its words, its icon."""

    url_name: str
    words: Words
    icon: str


@dataclass(frozen=True, slots=True)
class Section:
    """Pages of one role; `allowed` says to whom they are shown, by account and role in their clinic."""

    words: Words
    pages: tuple[Page, ...]
    allowed: Callable[[User, str], bool]


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is shown."""

    href: str
    words: Words
    icon: str
    current: bool


INBOX = Page("support:inbox", _("Tickets"), "ticket")
DEVELOPERS = Page("support:developers", _("Developers"), "code")
FIND_REQUEST = Page("find_request", _("Find a request"), "search")

SECTIONS = (
    Section("", (Page("home", _("Overview"), "home"),), lambda _user, _role: True),
    Section(
        _("Developer"),
        (
            Page("developer:list", _("OAuth applications"), "application"),
            Page("teams:list", _("Teams"), "people"),
            Page("sandboxes:list", _("Sandboxes"), "flask"),
            FIND_REQUEST,
        ),
        lambda user, _role: user.is_developer,
    ),
    Section(
        _("Administration"),
        (
            Page("staff:queue", _("Review queue"), "inbox"),
            INBOX,
            DEVELOPERS,
            Page("administration:users", _("Users"), "people"),
            Page("administration:tenants", _("Medical centres"), "clinic"),
            Page("administration:proposals", _("Two-operator acts"), "check"),
            Page("administration:audit", _("Audit"), "history"),
            Page("incident:pack", _("Incident pack"), "shield"),
            Page("administration:platform", _("Platform"), "device"),
            FIND_REQUEST,
        ),
        lambda user, _role: user.is_operator,
    ),
    Section(
        _("Support"),
        (INBOX, DEVELOPERS, FIND_REQUEST),
        lambda user, _role: user.answers_for_all and not user.is_operator,
    ),
    Section(
        _("Your medical centre"),
        (
            Page("clinic:people", _("People"), "people"),
            Page("clinic:applications", _("Applications in use"), "clinic"),
            Page("clinic:integrators", _("Integrator access"), "key"),
            Page("clinic:confirmations", _("Who keeps access"), "calendar"),
            Page("clinic:settings", _("Settings"), "edit"),
        ),
        lambda _user, role: role in catalog.current().managers,
    ),
    Section(
        _("Access to your data"),
        (
            Page("records:log", _("Access log"), "eye"),
            Page("records:questions", _("Patients’ questions"), "inbox"),
            Page("records:applications", _("Chain of evidence"), "link"),
        ),
        lambda _user, role: role in catalog.current().record_readers,
    ),
    Section(
        _("Your account"),
        (
            Page("account:overview", _("Account"), "person"),
            Page("connected:list", _("Connected applications"), "link"),
            Page("tickets:list", _("Help and tickets"), "question"),
            Page("mfa_index", _("Two-step sign-in"), "shield"),
            Page("usersessions_list", _("Sessions"), "device"),
        ),
        lambda _user, _role: True,
    ),
    Section(
        _("Demo"),
        (Page("demo:mailbox", _("Mailbox"), "mail"), Page("styleguide", _("Style guide"), "palette")),
        lambda _user, _role: bool(settings.VARCO.demo),
    ),
)


def sections(request: HttpRequest) -> list[tuple[Words, list[Link]]]:
    """The menu of the signed-in person, with the page they are on marked; empty for anybody else."""
    user = request.user
    if not isinstance(user, User):
        return []
    role = role_now(user)
    shown = [section for section in SECTIONS if section.allowed(user, role)]
    addresses = {page: reverse(page.url_name) for section in shown for page in section.pages}
    # The longest address that the path starts with: /account/applications/ is not also /account/.
    here = max((href for href in addresses.values() if _covers(href, request.path)), key=len, default="")
    return [
        (
            section.words,
            [Link(addresses[page], page.words, page.icon, addresses[page] == here) for page in section.pages],
        )
        for section in shown
    ]


def _covers(href: str, path: str) -> bool:
    return path == href or (href != "/" and path.startswith(href))
