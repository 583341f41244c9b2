"""The platform itself: the upkeep and its last runs, mail, signing keys, roles, the settings in force."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco import catalog, clock
from varco.accounts import queries as accounts
from varco.config_in_force import in_force
from varco.keys import queries as keys
from varco.keys import services as key_services
from varco.mail import queries as mail_queries
from varco.people import administration, reasons
from varco.portal.administration.forms import MAIL_STATES, MailForm
from varco.portal.common.acts import Act, ReasonForm, act_page
from varco.portal.common.forms import posted
from varco.portal.common.listing import ROWS_PER_PAGE, page_of
from varco.portal.common.page import OPERATOR, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.protocol.jose.algorithms import ALGORITHMS
from varco.upkeep import queries as upkeep_queries
from varco.upkeep.models import Step

LATE = 3  # times its interval after which a step is late
_GRACE_MS = 120_000  # that a step was done is noted once a minute

_STEPS: dict[str, Promise] = {
    "mail": gettext_lazy("Sending mail"),
    "logout": gettext_lazy("Telling applications of sign-outs"),
    "signals": gettext_lazy("Sending signals to applications"),
    "keys": gettext_lazy("Calendar of the signing keys"),
    "dates": gettext_lazy("What is due at a date: invitations, warnings, ends"),
    "connections": gettext_lazy("Applications to be confirmed again"),
    "deprecations": gettext_lazy("Telling of deprecated operations"),
    "status": gettext_lazy("Checks for the status page"),
    "link": gettext_lazy("Chaining new records"),
    "chains": gettext_lazy("Signing and tending the chains of records"),
    "sweep": gettext_lazy("Deleting what is over"),
    "usage": gettext_lazy("Counting what applications did"),
}
_KEY_STATES: dict[str, tuple[str, Promise]] = {
    "next": ("info", gettext_lazy("Next")),
    "active": ("success", gettext_lazy("Signs")),
    "retiring": ("waiting", gettext_lazy("Verifies only")),
    "gone": ("neutral", gettext_lazy("Gone")),
    "revoked": ("danger", gettext_lazy("Revoked")),
}


@page(OPERATOR, "GET")
def upkeep(request: SignedInRequest) -> HttpResponse:
    """When each step was last done, and the runs that did something or failed."""
    failed = request.GET.get("failed") == "1"
    found = page_of(request, upkeep_queries.runs(failed=failed), ROWS_PER_PAGE)
    now = clock.now_ms()
    context = {
        "steps": [(step, _STEPS.get(step.name, step.name), _step_chip(step, now)) for step in upkeep_queries.steps()],
        "runs": [(run, _STEPS.get(run.step, run.step)) for run in found.object_list],
        "page": found,
        "failed": failed,
    }
    return render(request, "administration/upkeep.html", context)


def _step_chip(step: Step, now: int) -> tuple[str, str]:
    if step.last_fault_at is not None and step.last_fault_at >= step.last_at:
        return "danger", _("Failed last time")
    if now - step.last_at > LATE * step.every_ms + _GRACE_MS:
        return "waiting", _("Late")
    return "success", _("In time")


@page(OPERATOR, "GET")
def mail(request: SignedInRequest) -> HttpResponse:
    """What is told to whom, and what became of it; never the words, which only their reader sees."""
    form = MailForm(request.GET)
    entered = form.narrowing()
    found = page_of(request, mail_queries.search(entered.get("to", ""), entered.get("state", "")), ROWS_PER_PAGE)
    items = [
        (message, MAIL_STATES[mail_queries.state(message)], mail_queries.may_retry(message))
        for message in found.object_list
    ]
    context = {"form": form, "page": found, "items": items, "server": bool(settings.VARCO.smtp_url)}
    return render(request, "administration/mail.html", context)


@page(OPERATOR, "GET POST")
def retry(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have a mail that was not sent tried again."""
    found = mail_queries.by_id(pk)
    if found is None:
        raise Http404
    form = ReasonForm(posted(request))

    def do() -> HttpResponse:
        if administration.retry_mail(found, origin(request), reason=form.cleaned_data["text"]):
            messages.success(request, _("It is tried again within seconds."))
        else:
            messages.error(
                request, _("It was sent meanwhile, is being tried now, or its words are gone. Nothing was done.")
            )
        return redirect("administration:mail")

    act = Act(
        title=_("Try again"),
        heading=_("Try the mail to %(to)s again?") % {"to": found.to},
        crumbs=(*_crumbs(), (_("Mail"), reverse("administration:mail"))),
        intro=found.subject,
        note=found.last_error,
        button=_("Try again"),
        back=reverse("administration:mail"),
    )
    return act_page(request, act, form, do)


@page(OPERATOR, "GET")
def signing_keys(request: SignedInRequest) -> HttpResponse:
    """Every signing key with its state and its times."""
    now = clock.now()
    found = page_of(request, keys.newest(), ROWS_PER_PAGE)
    context = {
        "items": [(key, _KEY_STATES[keys.state(key, now)]) for key in found.object_list],
        "page": found,
        "algorithms": ALGORITHMS,
        "unsigned": keys.unsigned(now),
    }
    return render(request, "administration/keys.html", context)


@page(OPERATOR, "GET POST", step_up="POST")
def rotate(request: SignedInRequest, alg: str) -> HttpResponse:
    """Let the next key of an algorithm take over now."""
    if alg not in ALGORITHMS:
        raise Http404
    form = ReasonForm(posted(request))

    def do() -> HttpResponse:
        administration.acting_operator(origin(request))
        made = key_services.rotate([alg], origin(request), reason=reasons.checked(form.cleaned_data["text"]))
        messages.success(request, _("%(kid)s signs from now on.") % {"kid": ", ".join(key.kid for key in made)})
        return redirect("administration:keys")

    act = Act(
        title=_("Rotate %(alg)s") % {"alg": alg},
        heading=_("Let the next %(alg)s key take over?") % {"alg": alg},
        crumbs=(*_crumbs(), (_("Signing keys"), reverse("administration:keys"))),
        intro=_("The key that is published as the next one signs from now on."),
        points=(
            _("what was signed before stays valid until it expires;"),
            _("applications that fetch our keys notice nothing;"),
            _("a key that somebody else has is not rotated but revoked, by the command on the server."),
        ),
        button=_("Rotate the key"),
        back=reverse("administration:keys"),
    )
    return act_page(request, act, form, do)


@page(OPERATOR, "GET")
def roles(request: SignedInRequest) -> HttpResponse:
    """Who may what: the roles of centres against the permissions of the catalogue, and those for the vendor."""
    known = catalog.current()
    listed = list(known.roles.values())
    rows = [
        (permission, [(role, permission.name in role.permissions) for role in listed])
        for permission in known.permissions.values()
    ]
    return render(
        request, "administration/roles.html", {"roles": listed, "rows": rows, "vendor_roles": accounts.of_roles()}
    )


@page(OPERATOR, "GET")
def configuration(request: SignedInRequest) -> HttpResponse:
    """The settings in force. Of a secret, whether it is set."""
    return render(request, "administration/settings.html", {"items": list(in_force(settings.VARCO))})


def _crumbs() -> tuple[tuple[str, str], ...]:
    return ((_("Administration"), ""), (_("Platform"), reverse("administration:platform")))
