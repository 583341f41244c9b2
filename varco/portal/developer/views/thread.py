"""Questions and answers between whoever reviews an application and its developer."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco.portal.common.forms import LenientForm, answered, posted
from varco.portal.common.listing import ASIDE, page_of
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.developer.access import own_application
from varco.portal.middleware import origin
from varco.registry import access, desk, services
from varco.registry.lifecycle import RevisionAct, Role, may, team_may
from varco.registry.models import Application, Revision
from varco.registry.services.texts import MAX_TEXT

SAID = 3  # on the page of the application


class ReviewAnswerForm(LenientForm):
    """What is written to the reviewer."""

    text = forms.CharField(label=gettext_lazy("Message"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 5}))


@page(DEVELOPER, "GET POST")
def thread(request: SignedInRequest, pk: int) -> HttpResponse:
    """All that was asked and answered about an application, and the next answer."""
    application = own_application(request, pk)
    form = ReviewAnswerForm(posted(request))

    def act() -> HttpResponse:
        services.send_answer(application, origin(request), text=form.cleaned_data["text"])
        messages.success(request, _("Your message is sent. The reviewer has been told by mail."))
        return redirect("developer:client", pk=pk)

    def show() -> HttpResponse:
        said = page_of(request, desk.thread(application), ASIDE)
        context = {
            "application": application,
            "form": form,
            "said": said,
            "may_write": _may_write(request, application, desk.reviewed(application)),
        }
        return render(request, "developer/thread.html", context)

    return answered(request, form, act, show)


def thread_summary(
    request: SignedInRequest, application: Application, reviewed: Revision | None
) -> dict[str, object] | None:
    """What the page of the application shows of the thread; None where there is and can be nothing."""
    found = desk.thread(application)
    said, may_write = list(found[:SAID]), _may_write(request, application, reviewed)
    if not said and not may_write:
        return None
    return {
        "said": said,
        "total": found.count() if len(said) == SAID else len(said),
        "may_write": may_write,
        "waits": bool(said and said[0].side == Role.OPERATOR),
    }


def _may_write(request: SignedInRequest, application: Application, reviewed: Revision | None) -> bool:
    role, team_role = access.standing_of(request.user, application)
    if reviewed is None or role != Role.DEVELOPER or not may(reviewed.state, RevisionAct.MESSAGE, role):
        return False
    return team_may(RevisionAct.MESSAGE, team_role)
