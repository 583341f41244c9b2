"""The stream of shared signals of an application: how it stands, paused and enabled, set up and removed."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from varco.portal.common.forms import answered, posted
from varco.portal.common.listing import page_of
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.developer.access import may_do, own_application, working_application
from varco.portal.developer.signal_forms import KINDS, StreamForm, initial_of
from varco.portal.middleware import origin
from varco.protocol.signals import metadata
from varco.protocol.signals.streams import poll_path
from varco.registry.errors import Conflict
from varco.registry.fault_codes import ConflictFault
from varco.registry.models import Application
from varco.signals import queries, services
from varco.signals.models import Signal, Stream

EVENTS_PER_PAGE = 10
_CHIPS = {Stream.State.ENABLED: "success", Stream.State.PAUSED: "waiting", Stream.State.DISABLED: "neutral"}


@page(DEVELOPER, "GET POST")
def stream(request: SignedInRequest, pk: int) -> HttpResponse:
    """How the stream stands, its last events, and the buttons that pause, enable and verify it."""
    application = own_application(request, pk)
    found = queries.stream_of(application)
    if request.method == "POST":
        _act(request, working_application(request, pk))
        return redirect("developer:signals", pk=pk)
    context: dict[str, object] = {
        "application": application,
        "stream": found,
        "may_have": services.may_have(application),
        "works": may_do(request, application),
        "metadata": f"{settings.VARCO.issuer}{metadata.PATH}",
    }
    if found is not None:
        events = page_of(request, queries.latest(found), EVENTS_PER_PAGE, "events")
        context |= {
            "chip": _CHIPS[Stream.State(found.status)],
            "waiting": queries.waiting(found),
            "kinds": [KINDS[kind] for kind in found.delivered.split()],
            "poll_address": f"{settings.VARCO.issuer}{poll_path(found.public_id)}",
            "page": events,
            "rows": [_row(signal) for signal in events.object_list],
        }
    return render(request, "developer/signals.html", context)


def _act(request: SignedInRequest, application: Application) -> None:
    match request.POST.get("act"):
        case "verify":
            services.verify(application, origin(request))
            messages.success(request, _("A verification event is on its way."))
        case "pause":
            services.set_status(application, Stream.State.PAUSED, origin(request))
            messages.success(request, _("The stream is paused. Events are kept for seven days."))
        case "enable":
            services.set_status(application, Stream.State.ENABLED, origin(request))
            messages.success(request, _("The stream is enabled."))
        case _:
            raise Conflict(ConflictFault.NOT_POSSIBLE)


def _row(signal: Signal) -> dict[str, object]:
    if signal.sent_at is not None:
        chip = ("success", _("Taken"))
    elif signal.next_try_at is None:
        chip = ("danger", _("Given up"))
    else:
        chip = ("waiting", _("Waits"))
    return {"signal": signal, "kind": KINDS[signal.kind], "chip_kind": chip[0], "chip_text": chip[1]}


@page(DEVELOPER, "GET POST", step_up="GET POST")
@sensitive_post_parameters("authorization")
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    """Set the stream up, or set it otherwise."""
    application = working_application(request, pk)
    if not services.may_have(application):
        raise Conflict(ConflictFault.NOT_POSSIBLE)
    found = queries.stream_of(application)
    form = StreamForm(posted(request), initial=initial_of(found))

    def act() -> HttpResponse:
        services.save(application, form.wanted, origin(request), keep_authorization=True)
        messages.success(request, _("Saved. Send a verification event to see that events arrive."))
        return redirect("developer:signals", pk=pk)

    def show() -> HttpResponse:
        return render(
            request, "developer/signals_change.html", {"application": application, "form": form, "stream": found}
        )

    return answered(request, form, act, show)


@page(DEVELOPER, "GET POST")
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remove the stream, after a page that says what goes with it."""
    application = working_application(request, pk)
    found = queries.stream_of(application)
    if found is None:
        raise Http404
    if request.method == "POST":
        services.remove(application, origin(request))
        messages.success(request, _("The stream is removed."))
        return redirect("developer:signals", pk=pk)
    context = {"application": application, "waiting": queries.waiting(found)}
    return render(request, "developer/signals_remove.html", context)
