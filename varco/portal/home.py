"""What the start page of somebody signed in suggests: the next sensible steps, by role."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from varco import clock
from varco.accounts.models import User
from varco.grants import application_usage
from varco.grants import queries as grants
from varco.portal.account.passwords import has_second_factor
from varco.registry import queries as registry
from varco.registry.deadline import due_at
from varco.registry.models import Application, Revision
from varco.tenants.queries import managed_by, tenant_of


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
        found += _reviews()
    if user.is_developer:
        found += _registrations(user)
    found += _of_the_clinic(user)
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
    waiting = list(registry.queue().values_list("submitted_at", flat=True))
    late = sum(due_at(submitted or 0) < clock.now() for submitted in waiting)
    title = ngettext("One registration waits for review", "%(count)d registrations wait for review", len(waiting))
    yield Suggestion(
        "inbox",
        title % {"count": len(waiting)} if waiting else _("Nothing waits for review"),
        _("Each should be answered within two business days."),
        reverse("staff:queue"),
        "danger" if late else "",
        ngettext("%(count)d overdue", "%(count)d overdue", late) % {"count": late} if late else "",
    )


def _registrations(user: User) -> Iterator[Suggestion]:
    applications = [item for item in registry.applications_of(user) if item.state != Application.State.RETIRED]
    latest = registry.latest_revisions(applications)
    for application in applications:
        found = _registration(application, latest.get(application.pk))
        if found:
            yield found
    count = len(applications)
    if count:
        title = ngettext("Your application", "Your %(count)d applications", count) % {"count": count}
        text = _("Plates, secrets, redirect URIs and refused requests.")
    else:
        title = _("Register your first application")
        text = _("We review it, and on approval it gets its client_id.")
    yield Suggestion("application", title, text, reverse("developer:list" if count else "developer:new"))


def _registration(application: Application, revision: Revision | None) -> Suggestion | None:
    name = {"name": application.name}
    href = reverse("developer:client", args=[application.pk])
    state = revision.state if revision else ""
    if application.state == Application.State.SUSPENDED:
        text = _("It can do nothing until an operator restores it; its page says why.")
        return Suggestion("application", _("%(name)s is suspended") % name, text, href, "danger", _("Suspended"))
    if state == Revision.State.CHANGES_REQUESTED:
        text = _("The reviewer has written what to change.")
        return Suggestion(
            "edit", _("Answer the review of %(name)s") % name, text, href, "waiting", _("Changes requested")
        )
    if state == Revision.State.DRAFT:
        text = _("Nothing is reviewed before you submit it.")
        return Suggestion("edit", _("Finish and submit %(name)s") % name, text, href, "neutral", _("Draft"))
    if _wants_a_secret(application):
        text = _("It is approved, and cannot ask for tokens before it has one.")
        return Suggestion("key", _("Create a secret for %(name)s") % name, text, href, "info", _("Approved"))
    return None


def _wants_a_secret(application: Application) -> bool:
    live = application.live_revision
    by_secret = live is not None and live.token_endpoint_auth_method.startswith("client_secret")
    return (
        application.state == Application.State.ACTIVE and by_secret and not registry.live_secrets(application).exists()
    )


def _of_the_clinic(user: User) -> Iterator[Suggestion]:
    tenant = managed_by(user)
    if tenant is None:
        return
    count = sum(use.block is None for use in application_usage.application_uses(tenant))
    title = ngettext("One application in use at %(clinic)s", "%(count)d applications in use at %(clinic)s", count)
    yield Suggestion(
        "clinic",
        (title if count else _("No application in use at %(clinic)s")) % {"count": count, "clinic": tenant.name},
        _("What your people let each do, and how to block one."),
        reverse("clinic:applications"),
    )


def _connected(user: User) -> Iterator[Suggestion]:
    count = len(grants.connections(user))
    if count:
        title = ngettext("One application has access for you", "%(count)d applications have access for you", count)
        text = _("What each may do for you, and how to withdraw it.")
        yield Suggestion("link", title % {"count": count}, text, reverse("connected:list"))
    elif tenant_of(user) is not None:
        text = _("Once you let one in, you see here what it may do, and withdraw it.")
        yield Suggestion("link", _("No application is connected"), text, reverse("connected:list"))
