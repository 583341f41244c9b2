"""The smaller pages of an interaction: which account, why not, and that it is over."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from varco.grants.models import Interaction
from varco.grants.queries import Barrier
from varco.portal.authorize.next_step import Step
from varco.portal.authorize.state import AuthorizationState
from varco.portal.errors import problem
from varco.registry.models import Application


def other_step(request: HttpRequest, case: AuthorizationState, step: Step) -> HttpResponse:
    """The page of a step that is neither sign-in nor consent."""
    context: dict[str, str]
    if step is Step.CHOOSE_ACCOUNT:
        template, context, status = "authorize/account.html", {}, 200
    elif step is Step.OTHER_ACCOUNT:
        template, context, status = "authorize/other_account.html", {}, 403
    else:
        template, context, status = "authorize/barrier.html", _words_of(case), 403
    response = render(request, template, {"case": case} | context, status=status)
    response.csp_form_action = [case.way.redirect_uri]  # type: ignore[attr-defined]
    return response


def _words_of(case: AuthorizationState) -> dict[str, str]:
    clinic = case.standing.membership.tenant.name if case.standing and case.standing.membership else ""
    return barrier_words(case.situation.barrier or Barrier.NO_CLINIC, application=case.client.name, clinic=clinic)


def barrier_words(barrier: Barrier, *, application: str, clinic: str) -> dict[str, str]:
    """What keeps a person out, and who can change it: `title` and `text` of a page."""
    names = {"application": application, "clinic": clinic}
    words = {
        Barrier.NO_CLINIC: (
            _("Your account belongs to no medical centre"),
            _("%(application)s works with the data of a medical centre, and your account is not part of one. "
              "If you have another account, use that; if you work for a centre, ask its manager to add you."),
        ),
        Barrier.SWITCHED_OFF: (
            _("Your access to %(clinic)s is switched off"),
            _("While it is off, no application can act for you there. The manager of %(clinic)s can switch it on again."),
        ),
        Barrier.ENDED: (
            _("Your access to %(clinic)s has ended"),
            _("It was given until a certain date, and that has passed. If you still need it, ask the manager of %(clinic)s to extend it."),
        ),
        Barrier.CLINIC_SUSPENDED: (
            _("%(clinic)s is suspended at the moment"),
            _("Nobody of the centre can sign in to applications until it is active again. Its manager knows more."),
        ),
        Barrier.CLINIC_CLOSED: (
            _("%(clinic)s is closed"),
            _("The centre is not active here any more, so applications cannot be used with it."),
        ),
        Barrier.NOT_ALLOWED: (
            _("%(application)s is not meant for %(clinic)s"),
            _("The people who make it have limited it to certain medical centres, and yours is not among them. "
              "If it should be, ask them to add %(clinic)s."),
        ),
        Barrier.BLOCKED: (
            _("%(clinic)s does not allow %(application)s"),
            _("The manager of your centre has blocked this application for everybody there. If you need it for your work, ask them."),
        ),
    }  # fmt: skip
    title, text = words[barrier]
    return {"title": title % names, "text": text % names}


def over(request: HttpRequest, interaction: Interaction) -> HttpResponse:
    """410: answered already, or out of time. The way on starts in the application."""
    application = Application.objects.filter(client_id=interaction.client_id).first()
    context = {"application": application, "finished": interaction.finished_at is not None or _finished(interaction)}
    return render(request, "authorize/over.html", context, status=410)


def _finished(interaction: Interaction) -> bool:
    """Whether another request has finished it since this one read it."""
    return Interaction.objects.filter(pk=interaction.pk, finished_at__isnull=False).exists()


def elsewhere(request: HttpRequest) -> HttpResponse:
    """403: no interaction of this browser. Whether it is another's, or none at all, is not told."""
    return problem(
        request,
        403,
        _("This sign-in was not started in this browser"),
        _(
            "For your safety, a sign-in can be finished only in the browser that began it, with cookies allowed. "
            "Go back to the application and start again from there."
        ),
        _("The interaction is unknown, or the cookie of the browser that started it did not come with the request."),
    )
