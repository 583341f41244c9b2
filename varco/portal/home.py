"""What the start page of somebody signed in suggests: the next sensible steps, by role."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from varco import clock
from varco.accounts.models import User
from varco.audit import queries as audit
from varco.grants import application_usage
from varco.grants import queries as grants
from varco.mail import queries as mail
from varco.portal.account.passwords import has_second_factor
from varco.portal.templatetags import times
from varco.registry import access, lists, teams
from varco.registry.lists import Attention, WantsAttention
from varco.registry.models import Application
from varco.tenants.queries import managed_by, tenant_of
from varco.tickets import queries as tickets
from varco.upkeep import queries as upkeep
from varco.usage import queries as usage

SHOWN = 5  # of the applications that wait for their developer
_WEEK, _MONTH = 7 * 86400, 30 * 86400


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A row of the start page: where it leads and how much it presses (a chip's kind and word, or empty)."""

    icon: str
    title: str
    text: str
    href: str
    kind: str = ""
    word: str = ""


def suggestions(user: User) -> list[Suggestion]:
    """Everything worth doing now, what presses most first."""
    found: list[Suggestion] = []
    if user.is_operator:
        found += _broken()
        found += _reviews()
        found += _deserted()
    if user.is_developer:
        found += _registrations(user)
    if user.answers_for_all:
        found += _desk()
    found += _of_the_clinic(user)
    found += _tickets(user)
    if not has_second_factor(user):
        found.append(
            Suggestion(
                "shield",
                _("Set up two-step sign-in"),
                _("A second step keeps others out even when they know your password."),
                reverse("mfa_index"),
            )
        )
    found += _connected(user)
    return found


def _reviews() -> Iterator[Suggestion]:
    waiting, late = lists.waiting()
    title = ngettext("One registration waits for review", "%(count)d registrations wait for review", waiting)
    yield Suggestion(
        "inbox",
        title % {"count": waiting} if waiting else _("Nothing waits for review"),
        _("Each should be answered within two business days."),
        reverse("staff:queue"),
        "danger" if late else "",
        ngettext("%(count)d overdue", "%(count)d overdue", late) % {"count": late} if late else "",
    )


def _broken() -> Iterator[Suggestion]:
    """What an operator has to look at before somebody complains."""
    steps = [step.name for step in upkeep.failing()]
    if steps:
        title = ngettext("One step of the upkeep fails", "%(count)d steps of the upkeep fail", len(steps))
        yield Suggestion(
            "warning",
            title % {"count": len(steps)},
            ", ".join(steps),
            reverse("administration:platform"),
            "danger",
            _("Failed"),
        )
    unsent = mail.given_up(_WEEK)
    if unsent:
        title = ngettext("One mail of this week was given up", "%(count)d mails of this week were given up", unsent)
        text = _("Their readers do not know what they should. Each can be tried again.")
        yield Suggestion(
            "mail", title % {"count": unsent}, text, reverse("administration:mail"), "danger", _("Not sent")
        )


def _desk() -> Iterator[Suggestion]:
    waiting, late = tickets.waiting_for_staff()
    title = ngettext("One ticket waits for support", "%(count)d tickets wait for support", waiting)
    yield Suggestion(
        "ticket",
        title % {"count": waiting} if waiting else _("No ticket waits for support"),
        _("The one that has waited longest stands first."),
        reverse("support:inbox"),
        "danger" if late else "",
        ngettext("%(count)d overdue", "%(count)d overdue", late) % {"count": late} if late else "",
    )


def _tickets(user: User) -> Iterator[Suggestion]:
    """What waits for the person's own answer, or for them to say who somebody is."""
    count = tickets.waiting_for(user, managed_by(user))
    if count:
        title = ngettext("One ticket waits for you", "%(count)d tickets wait for you", count) % {"count": count}
        yield Suggestion(
            "ticket", title, _("Support has answered, or somebody is to be confirmed."), reverse("tickets:list")
        )


def _registrations(user: User) -> Iterator[Suggestion]:
    found, wanting = lists.wanting_attention(user, SHOWN)
    yield from map(_registration, found)
    yield from _ending(user)
    yield from _ending_beside_keys(user)
    yield from _refused(user)
    yield from _offered(user)
    if wanting > len(found):
        more = wanting - len(found)
        text = _("They wait for you too: the list shows where each stands.")
        title = ngettext("And one more", "And %(count)d more", more) % {"count": more}
        yield Suggestion("application", title, text, reverse("developer:list"))
    count = lists.applications_of(user).exclude(state=Application.State.RETIRED).count()
    if count:
        title = ngettext("Your application", "Your %(count)d applications", count) % {"count": count}
        text = _("Plates, secrets, redirect URIs and refused requests.")
    else:
        title = _("Register your first application")
        text = _("We review it, and on approval it gets its client_id.")
    yield Suggestion("application", title, text, reverse("developer:list" if count else "developer:start"))
    yield from _used(user)


def _offered(user: User) -> Iterator[Suggestion]:
    """Applications that a team of the person's is offered and that they may answer for."""
    for offer in teams.offers_to_owner(user)[:SHOWN]:
        yield Suggestion(
            "people",
            _("%(name)s is offered to your team") % {"name": offer.application.name},
            _("Accept it or decline it; the offer ends by itself."),
            reverse("teams:answer", args=[offer.team.public_id, offer.pk]),
            "waiting",
            times.day(offer.expires_at),
        )


def _used(user: User) -> Iterator[Suggestion]:
    """What the person's applications did within a week."""
    calls, errors = usage.of_week(access.of_developer(user).values("pk"))
    if calls or errors:
        title = _("%(calls)d calls and %(errors)d errors in 7 days") % {"calls": calls, "errors": errors}
        text = _("Of all your applications together. The page of each has its usage by day, operation and status.")
        yield Suggestion("application", title, text, reverse("developer:list"))


def _deserted() -> Iterator[Suggestion]:
    """Teams with applications that nobody can act for."""
    count = teams.search(deserted=True).count()
    if count:
        title = ngettext("Nobody can act for one team", "Nobody can act for %(count)d teams", count)
        text = _("Their applications go on working. A developer has to become their owner.")
        yield Suggestion("people", title % {"count": count}, text, reverse("staff:teams") + "?show=deserted", "waiting")


def _ending(user: User) -> Iterator[Suggestion]:
    """Secrets that end within a month."""
    for secret in lists.ending_secrets(user, _MONTH, SHOWN):
        text = _("Create the next one, let the application use it, and then revoke this one: nothing stops meanwhile.")
        yield Suggestion(
            "key",
            _("The secret “%(label)s” of %(name)s ends") % {"label": secret.label, "name": secret.name},
            text,
            reverse("developer:client", args=[secret.application]) + "#secrets",
            "waiting",
            times.day(secret.expires_at),
        )


def _ending_beside_keys(user: User) -> Iterator[Suggestion]:
    """Applications that sign now and whose secrets end within a month."""
    for overlap in lists.ending_overlaps(user, _MONTH, SHOWN):
        yield Suggestion(
            "key",
            _("All secrets of %(name)s end") % {"name": overlap.application.name},
            _("It signs with keys of its own. See that none of your servers sends a secret any more."),
            reverse("developer:client", args=[overlap.application_id]) + "#secrets",
            "waiting",
            times.day(overlap.ends_at),
        )


def _refused(user: User) -> Iterator[Suggestion]:
    """The application of which most was refused within a day."""
    mine, day = access.of_developer(user), clock.now_ms() - 86_400_000
    for key, number in audit.refused_since(mine.values("pk"), day, 1):
        name = mine.values_list("name", flat=True).get(pk=key)
        title = ngettext(
            "One request of %(name)s was refused today", "%(count)d requests of %(name)s were refused today", number
        )
        text = _("The log tells of each which rule refused it, what was received and what was expected.")
        yield Suggestion(
            "search",
            title % {"count": number, "name": name},
            text,
            reverse("developer:refusals", args=[key]),
        )


def _registration(application: WantsAttention) -> Suggestion:
    name = {"name": application.name}
    href = reverse("developer:client", args=[application.pk])
    match application.attention:
        case Attention.SUSPENDED:
            text = _("It can do nothing until an operator restores it; its page says why.")
            return Suggestion("application", _("%(name)s is suspended") % name, text, href, "danger", _("Suspended"))
        case Attention.CHANGES_REQUESTED:
            title, text = _("Answer the review of %(name)s") % name, _("The reviewer has written what to change.")
            return Suggestion("edit", title, text, href, "waiting", _("Changes requested"))
        case Attention.QUESTION:
            title, text = (
                _("Answer a question about %(name)s") % name,
                _("The reviewer waits for your answer to decide."),
            )
            return Suggestion("mail", title, text, f"{href}#review", "waiting", _("Question"))
        case Attention.DRAFT:
            title, text = _("Finish and submit %(name)s") % name, _("Nothing is reviewed before you submit it.")
            return Suggestion("edit", title, text, href, "neutral", _("Draft"))
    text = _("It is approved, and cannot ask for tokens before it has one.")
    return Suggestion("key", _("Create a secret for %(name)s") % name, text, href, "info", _("Approved"))


def _of_the_clinic(user: User) -> Iterator[Suggestion]:
    tenant = managed_by(user)
    if tenant is None:
        return
    count = application_usage.count_in_use(tenant)
    title = ngettext("One application in use at %(clinic)s", "%(count)d applications in use at %(clinic)s", count)
    yield Suggestion(
        "clinic",
        (title if count else _("No application in use at %(clinic)s")) % {"count": count, "clinic": tenant.name},
        _("What your people let each do, and how to block one."),
        reverse("clinic:applications"),
    )


def _connected(user: User) -> Iterator[Suggestion]:
    count = grants.consents(user).count()
    if count:
        title = ngettext("One application has access for you", "%(count)d applications have access for you", count)
        text = _("What each may do for you, and how to withdraw it.")
        yield Suggestion("link", title % {"count": count}, text, reverse("connected:list"))
    elif tenant_of(user) is not None:
        text = _("Once you let one in, you see here what it may do, and withdraw it.")
        yield Suggestion("link", _("No application is connected"), text, reverse("connected:list"))
