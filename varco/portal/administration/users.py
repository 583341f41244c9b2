"""Accounts: finding one, what it is, and what an operator does to it, each with a reason (S1, S9, S38)."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from varco import catalog
from varco.accounts import queries as accounts
from varco.accounts.models import User
from varco.audit.queries import EventSearch, search_events
from varco.audit.services import Origin
from varco.people import administration, two_operators
from varco.people.accounts import DEVELOPER, ROLES, roles_of
from varco.people.models import Proposal
from varco.portal.administration.event_words import event_rows
from varco.portal.administration.forms import UsersForm
from varco.portal.common import sign_in
from varco.portal.common.acts import Act, ReasonForm, act_page
from varco.portal.common.forms import posted
from varco.portal.common.listing import ASIDE, ROWS_PER_PAGE, page_of
from varco.portal.common.page import OPERATOR, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.tenants import queries as tenants

OPERATOR_ROLE, SUPPORT_ROLE = User.PlatformRole.OPERATOR.value, User.PlatformRole.SUPPORT.value


def role_words(role: str) -> str:
    """What a role for the vendor is called."""
    return {OPERATOR_ROLE: _("Operator"), SUPPORT_ROLE: _("Support"), DEVELOPER: _("Developer")}[role]


def state_of(user: User) -> tuple[str, str]:
    """A chip's kind and word for where an account stands."""
    if not user.is_active:
        return "danger", _("Locked")
    return ("success", _("May sign in")) if user.has_usable_password() else ("waiting", _("No password yet"))


@page(OPERATOR, "GET")
def users(request: SignedInRequest) -> HttpResponse:
    """Every account, searchable."""
    form = UsersForm(request.GET)
    found = page_of(request, accounts.search(**form.narrowing()), ROWS_PER_PAGE)
    listed = list(found.object_list)
    where = {item.user_id: item for item in tenants.memberships_of(listed)}
    proven = sign_in.with_second_step(listed)
    items = [
        {
            "user": user,
            "roles": [role_words(role) for role in roles_of(user)],
            "membership": where.get(user.pk),
            "state": state_of(user),
            "second_step": user.pk in proven,
        }
        for user in listed
    ]
    return render(request, "administration/users.html", {"form": form, "page": found, "items": items})


@page(OPERATOR, "GET")
def user(request: SignedInRequest, subject: str) -> HttpResponse:
    """One account: roles, clinic, factors, sessions, what was done, and what can be."""
    found = _user(subject)
    roles, membership = roles_of(found), tenants.membership_of(found)
    role = catalog.current().roles.get(membership.role) if membership else None
    waiting = list(two_operators.about(found))
    events = search_events(EventSearch(person=found.public_id), None, ASIDE).events
    context = {
        "person": found,
        "state": state_of(found),
        "roles": [(name, role_words(name)) for name in roles],
        "may_become": [(name, role_words(name)) for name in ROLES if name not in roles and not _excluded(name, roles)],
        "membership": membership,
        "clinic_role": role.label if role else None,
        "factors": sorted(Authenticator.objects.filter(user=found).values_list("type", flat=True)),
        "sessions": UserSession.objects.filter(user=found).count(),
        "invited_until": accounts.invitation_ends(found),
        "proposals": waiting,
        "proposed": {item.kind for item in waiting},
        "events": event_rows(events),
        "self": found.pk == request.user.pk,
    }
    return render(request, "administration/user.html", context)


def _excluded(role: str, held: list[str]) -> bool:
    return role == SUPPORT_ROLE and OPERATOR_ROLE in held


@page(OPERATOR, "GET POST", step_up="POST")
def give_role(request: SignedInRequest, subject: str, role: str) -> HttpResponse:
    """Give somebody a role for the vendor; that of an operator is proposed only."""
    if role not in ROLES:
        raise Http404
    if role == OPERATOR_ROLE:
        return _proposing(request, subject, Proposal.Kind.MAKE_OPERATOR)
    return _role(request, subject, role, held=True)


@page(OPERATOR, "GET POST", step_up="POST")
def take_role(request: SignedInRequest, subject: str, role: str) -> HttpResponse:
    """Take a role for the vendor away; that of an operator is proposed only."""
    if role not in ROLES:
        raise Http404
    if role == OPERATOR_ROLE:
        return _proposing(request, subject, Proposal.Kind.END_OPERATOR)
    return _role(request, subject, role, held=False)


def _role(request: SignedInRequest, subject: str, role: str, *, held: bool) -> HttpResponse:
    found = _user(subject)
    words = {"name": found.name, "role": role_words(role)}
    what = {
        SUPPORT_ROLE: _(
            "Support sees refused requests of every application and works tickets. It opens no clinic's data."
        ),
        DEVELOPER: _("A developer registers applications. It opens no clinic's data."),
    }[role]
    act = _act(
        found,
        title=_("Give a role") if held else _("Take a role away"),
        heading=(_("Make %(name)s: %(role)s?") if held else _("Take the role “%(role)s” from %(name)s?")) % words,
        intro=what,
        note="" if held else _("It holds from the next page on. What was done with the role stays."),
        button=_("Give the role") if held else _("Take the role away"),
        danger=not held,
    )

    def do(where: Origin, reason: str) -> str:
        administration.set_role(found, role, where, held=held, reason=reason)
        return (
            _("%(name)s has the role “%(role)s” now.")
            if held
            else _("%(name)s does not have the role “%(role)s” any more.")
        ) % words

    return _with_reason(request, found, act, do)


@page(OPERATOR, "GET POST", step_up="POST")
def lock(request: SignedInRequest, subject: str) -> HttpResponse:
    """Lock an account, after a page that says what stops."""
    found = _user(subject)
    act = _act(
        found,
        title=_("Lock the account"),
        heading=_("Lock the account of %(name)s?") % {"name": found.name},
        intro=_("From the next request on, until it is unlocked:"),
        points=(
            _("they are signed out in every browser, and cannot sign in;"),
            _("everything that applications held for them ends, and does not come back;"),
            _("a link to a first password opens nothing."),
        ),
        note=_("They are told by mail. The reason is not."),
        button=_("Lock the account"),
        danger=True,
    )

    def do(where: Origin, reason: str) -> str:
        administration.lock(found, where, reason=reason)
        return _("The account of %(name)s is locked.") % {"name": found.name}

    return _with_reason(request, found, act, do)


@page(OPERATOR, "GET POST", step_up="POST")
def unlock(request: SignedInRequest, subject: str) -> HttpResponse:
    """Unlock an account."""
    found = _user(subject)
    act = _act(
        found,
        title=_("Unlock the account"),
        heading=_("Unlock the account of %(name)s?") % {"name": found.name},
        intro=_("They can sign in again, with the password and second factor they had. What ended stays ended."),
        button=_("Unlock the account"),
    )

    def do(where: Origin, reason: str) -> str:
        administration.unlock(found, where, reason=reason)
        return _("The account of %(name)s is unlocked.") % {"name": found.name}

    return _with_reason(request, found, act, do)


@page(OPERATOR, "GET POST")
def end_sessions(request: SignedInRequest, subject: str) -> HttpResponse:
    """Sign somebody out everywhere."""
    found = _user(subject)
    act = _act(
        found,
        title=_("End the sessions"),
        heading=_("Sign %(name)s out everywhere?") % {"name": found.name},
        intro=_("They are signed out in every browser at once, and applications that were used there are told."),
        note=_("They can sign in again. Applications that may stay connected go on."),
        button=_("End the sessions"),
        danger=True,
    )

    def do(where: Origin, reason: str) -> str:
        ended = administration.end_sessions(found, where, reason=reason)
        text = ngettext("%(count)d session of %(name)s was ended.", "%(count)d sessions of %(name)s were ended.", ended)
        return text % {"count": ended, "name": found.name}

    return _with_reason(request, found, act, do)


@page(OPERATOR, "GET POST", step_up="POST")
def reset_factors(request: SignedInRequest, subject: str) -> HttpResponse:
    """Propose to remove somebody's second factors."""
    return _proposing(request, subject, Proposal.Kind.RESET_FACTORS)


def _proposing(request: SignedInRequest, subject: str, kind: Proposal.Kind) -> HttpResponse:
    found = _user(subject)
    title, heading, intro = _proposal_words(kind)
    act = _act(
        found,
        title=title,
        heading=heading % {"name": found.name},
        intro=intro,
        points=(
            _("the other operators are told by mail;"),
            _("one of them confirms it within three days, or it comes to nothing;"),
            _("neither you nor the person concerned can confirm it."),
        ),
        button=_("Propose it"),
    )

    def do(where: Origin, reason: str) -> str:
        two_operators.propose(kind, found, where, reason=reason)
        return _("It is proposed, and the other operators are told.")

    return _with_reason(request, found, act, do)


def _proposal_words(kind: Proposal.Kind) -> tuple[str, str, str]:
    """Title, heading and first sentence of the page on which something is proposed."""
    if kind == Proposal.Kind.MAKE_OPERATOR:
        return (
            _("Propose an operator"),
            _("Propose %(name)s as an operator?"),
            _("An operator decides about applications, accounts and centres. It opens no clinic's data."),
        )
    if kind == Proposal.Kind.END_OPERATOR:
        return (
            _("Propose to take the role away"),
            _("Propose that %(name)s is no operator any more?"),
            _("It holds from the next page on. If somebody must be stopped at once, lock the account: that takes one."),
        )
    return (
        _("Propose to reset the second factors"),
        _("Propose to reset the second factors of %(name)s?"),
        _("Authenticator app, passkeys and recovery codes are removed, and they sign in with the password alone."),
    )


def _user(subject: str) -> User:
    found = accounts.by_subject(subject)
    if found is None:
        raise Http404
    return found


def _address(found: User) -> str:
    return reverse("administration:user", args=[found.public_id])


def _act(
    found: User,
    *,
    title: str,
    heading: str,
    intro: str,
    button: str,
    points: tuple[str, ...] = (),
    note: str = "",
    danger: bool = False,
) -> Act:
    crumbs = ((_("Administration"), ""), (_("Users"), reverse("administration:users")), (found.name, _address(found)))
    return Act(
        title=title, heading=heading, crumbs=crumbs, intro=intro, points=points, note=note, button=button,
        back=_address(found), danger=danger,
    )  # fmt: skip


def _with_reason(request: SignedInRequest, found: User, act: Act, do: Callable[[Origin, str], str]) -> HttpResponse:
    """Show the page of an act, or do it and say what was done."""
    form = ReasonForm(posted(request))

    def done() -> HttpResponse:
        messages.success(request, do(origin(request), form.cleaned_data["text"]))
        return redirect(_address(found))

    return act_page(request, act, form, done)
