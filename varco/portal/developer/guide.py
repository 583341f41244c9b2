"""“Do I need another registration?” as questions: a tree in which every answer leads to another question or to an outcome (S14)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Whether another registration is needed, and why; `environment` is that of the new one, where it follows."""

    title: Promise
    reason: Promise
    environment: str = ""
    needed: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question; its answers, in their order, each with the name of what it leads to."""

    text: Promise
    answers: tuple[tuple[Promise, str], ...]


FIRST = "registered"

QUESTIONS: Mapping[str, Question] = {
    FIRST: Question(
        _("Is this software, or another part of it, registered already?"),
        ((_("No, nothing of it"), "new-software"), (_("Yes"), "difference")),
    ),
    "difference": Question(
        _("What is different this time?"),
        (
            (_("It runs elsewhere: tests, staging, or a developer's machine"), "environment"),
            (_("It is ready: it goes from development to production"), "to-production"),
            (_("Somebody else develops it too"), "developers"),
            (_("It has another redirect URI"), "address"),
            (_("It is another part of the product: a web page, a telephone app, a device"), "kind"),
            (_("It needs another scope or claim"), "more-scopes"),
            (_("Another medical centre is going to use it"), "another-centre"),
        ),
    ),
    "environment": Question(
        _("Is there a registration for that environment already?"),
        ((_("No, only for another one"), "other-environment"), (_("Yes"), "same-environment")),
    ),
    "to-production": Question(
        _("Do you go on developing it?"),
        ((_("Yes: there will be a next version"), "beside-production"), (_("No: only corrections in production"), "into-production")),
    ),
    "developers": Question(
        _("Does that developer need redirect URIs of their own?"),
        ((_("No, the same addresses do"), "shared-development"), (_("Yes, their own machine or branch"), "own-development")),
    ),
    "address": Question(
        _("Where does the new address lead?"),
        (
            (_("To the same site, for the same environment"), "more-addresses"),
            (_("To another site, or to another company"), "other-site"),
            (_("To a test system or a developer's machine"), "environment"),
        ),
    ),
}  # fmt: skip

OUTCOMES: Mapping[str, Outcome] = {
    "new-software": Outcome(
        title=_("Yes: register it"),
        reason=_("Each application has one registration for each environment. Begin with development: in your own sandboxes it works as a rule at once."),
        needed=True,
    ),
    "other-environment": Outcome(
        title=_("Yes: one for each environment"),
        reason=_("Tests, staging and developers' machines are easier to break into; with a client of their own, a leak there opens nothing in production."),
        environment="development",
        needed=True,
    ),
    "beside-production": Outcome(
        title=_("Yes: production has a registration of its own"),
        reason=_("The one for development goes on in your sandboxes, at once and without anybody who reads it; a leak on a developer's machine opens nothing in production. On its page, “Register another like it” begins the other."),
        environment="production",
        needed=True,
    ),
    "into-production": Outcome(
        title=_("No: change the environment of this one"),
        reason=_("Ask for a change to production, with the redirect URIs of production alone: a revision that a person reads. Until it is approved the sandboxes go on; afterwards its client_id is production's, and development needs one of its own."),
        needed=False,
    ),
    "same-environment": Outcome(
        title=_("No: use the one for that environment"),
        reason=_("One registration for an environment is enough, however many machines it runs on. Add the redirect URIs that are missing to it."),
        needed=False,
    ),
    "shared-development": Outcome(
        title=_("No: share the one for development"),
        reason=_("All developers of a project may use one development registration, but never the one for production."),
        needed=False,
    ),
    "own-development": Outcome(
        title=_("Yes: a development registration of their own"),
        reason=_("With redirect URIs of their own in a client of their own, one developer's machine receives nothing that is meant for another."),
        environment="development",
        needed=True,
    ),
    "more-addresses": Outcome(
        title=_("No: change the registration"),
        reason=_("Add the address to the registration there is. What is approved stays in force while the change is reviewed."),
        needed=False,
    ),
    "other-site": Outcome(
        title=_("Yes: another site is another application"),
        reason=_("Whoever runs one site could otherwise receive what is meant for the other, and people could not withdraw one without the other."),
        needed=True,
    ),
    "kind": Outcome(
        title=_("Yes: one for each kind"),
        reason=_("A web page, a telephone app and a device keep secrets differently. Give them the same product name and they stand together in your list."),
        needed=True,
    ),
    "more-scopes": Outcome(
        title=_("No: change the registration"),
        reason=_("Ask for the scope or claim in a new revision. What is approved stays in force meanwhile; after the approval people are asked again."),
        needed=False,
    ),
    "another-centre": Outcome(
        title=_("No: it works there already"),
        reason=_("Every user of every medical centre can sign in through an approved application; which centre it is follows from the person."),
        needed=False,
    ),
}  # fmt: skip
