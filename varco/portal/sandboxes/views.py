"""A person's sandboxes, one of them, and what is done with it."""

from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varco import catalog
from varco.people import sandbox_users, sandboxes
from varco.people.sandboxes import DAY, MAX_SANDBOXES, UNUSED_DAYS
from varco.portal.common.forms import answered, posted
from varco.portal.common.listing import ROWS_PER_PAGE, page_of
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.common.sandbox_words import agendas, wanted
from varco.portal.middleware import origin
from varco.portal.sandboxes.forms import SandboxForm
from varco.registry import sandboxes as queries
from varco.registry.models import Sandbox
from varco.registry.teams import where_maintainer
from varco.tenants import queries as tenants


def own_sandbox(request: SignedInRequest, tenant_id: str, *, to_change: bool = False) -> Sandbox:
    """A sandbox of a team of the person's, in which they work where the page is `to_change` it. Raises `Http404`."""
    found = queries.seen_as(request.user, tenant_id)
    if found is None or (to_change and not queries.works_on(request.user, found)):
        raise Http404
    return found


@page(DEVELOPER, "GET")
def index(request: SignedInRequest) -> HttpResponse:
    """The sandboxes of the person's teams, and the one that came with the account."""
    own = tenants.membership_of(request.user)
    with_account = own.tenant if own and own.active and own.tenant.kind == own.tenant.Kind.SANDBOX else None
    context = {
        "sandboxes": page_of(request, queries.seen_by(request.user), ROWS_PER_PAGE),
        "with_account": with_account,
    }
    return render(request, "sandboxes/list.html", context)


@page(DEVELOPER, "GET POST")
def new(request: SignedInRequest) -> HttpResponse:
    """Make a sandbox for a team."""
    teams = list(where_maintainer(request.user))
    form = SandboxForm(teams, posted(request))

    def act() -> HttpResponse:
        given = form.cleaned_data
        team = next((each for each in teams if each.public_id == given.get("team")), None)
        if teams and team is None:
            raise Http404
        made = sandboxes.create(
            team, wanted(given["name"], seed=given["seed"], number=given["number"]), origin(request)
        )
        messages.success(request, _("The sandbox is ready. Sign in as one of its users."))
        return redirect("sandboxes:sandbox", tenant_id=made.tenant.public_id)

    def show() -> HttpResponse:
        return render(request, "sandboxes/new.html", {"form": form, "teams": teams, "most": MAX_SANDBOXES})

    return answered(request, form, act, show)


@page(DEVELOPER, "GET")
def sandbox(request: SignedInRequest, tenant_id: str) -> HttpResponse:
    """One sandbox: its id, its users with their password, and what works there."""
    own = own_sandbox(request, tenant_id)
    works = queries.works_on(request.user, own)
    roles = catalog.current().roles
    context = {
        "sandbox": own,
        "works": works,
        "api": settings.VARCO.api_url,
        "password": queries.password_of(own) if works else "",
        "users": [(each, person, roles[each.role].label) for each, person in sandbox_users.users(own)],
        "goes_at": sandboxes.last_used_at(own) + UNUSED_DAYS * DAY,
        "unused_days": UNUSED_DAYS,
        "special": {
            sandbox_users.NOBODY: (_("without any permission"), _("The API answers 403.")),
            sandbox_users.DEACTIVATED: (_("deactivated"), _("Signs in nowhere.")),
            sandbox_users.STRANGER: (_("of another medical centre"), _("Your application turns them away.")),
        },
    }
    return render(request, "sandboxes/sandbox.html", context)


@page(DEVELOPER, "GET POST")
def reset(request: SignedInRequest, tenant_id: str) -> HttpResponse:
    """Ask, and make a sandbox as it was at first."""
    own = own_sandbox(request, tenant_id, to_change=True)
    if request.method == "POST":
        language = get_language() or settings.LANGUAGE_CODE
        sandboxes.reset(own, origin(request), language=language, agendas=agendas(own.tenant.name))
        messages.success(request, _("The sandbox is as it was at first."))
        return redirect("sandboxes:sandbox", tenant_id=tenant_id)
    return render(request, "sandboxes/reset.html", {"sandbox": own})


@page(DEVELOPER, "GET POST")
def remove(request: SignedInRequest, tenant_id: str) -> HttpResponse:
    """Ask, and remove a sandbox with its data."""
    own = own_sandbox(request, tenant_id, to_change=True)
    if request.method == "POST":
        sandboxes.remove(own, origin(request))
        messages.success(request, _("The sandbox is removed."))
        return redirect("sandboxes:list")
    return render(request, "sandboxes/remove.html", {"sandbox": own})


@page(DEVELOPER, "POST")
def enter(request: SignedInRequest, tenant_id: str, key: str) -> HttpResponse:
    """Be one of its users in this browser, signed out as oneself."""
    own = own_sandbox(request, tenant_id, to_change=True)
    person = sandbox_users.user(own, key)
    if person is None:
        raise Http404
    sandboxes.enter(own, key, origin(request))
    get_adapter(request).logout(request)
    answer: HttpResponse = perform_login(request, person)
    return answer
