"""`/demo/`, which exists in the demo alone: the mail that would have gone out, and being anybody with one tap."""

from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from varco.accounts.models import User
from varco.mail import queries
from varco.portal.common.demo_people import demo_people
from varco.portal.common.listing import page_of, words_of
from varco.portal.common.page import ANYONE, SIGNED_IN, page
from varco.portal.common.request import SignedInRequest

PAGE_SIZE = 30
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


@page(ANYONE, "GET")
def mailbox(request: HttpRequest) -> HttpResponse:
    """All mail, newest first; `to` narrows it to one address."""
    to = words_of(request, "to").lower()
    messages = page_of(request, queries.newest(to), PAGE_SIZE)
    return render(request, "demo/mailbox.html", {"page": messages, "to": to})


@page(ANYONE, "GET")
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail."""
    return render(request, "demo/message.html", {"message": get_object_or_404(queries.newest(), pk=pk)})


@page(ANYONE, "GET")
def letter(_request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML of one mail, for a frame in its page: shown as by a mail program, it loads nothing and runs nothing."""
    found = get_object_or_404(queries.newest(), pk=pk)
    if not found.html:
        raise Http404
    # A link in it opens the page around it, not the frame.
    answer = HttpResponse(found.html.replace("<head>", '<head><base target="_top">', 1))
    answer["Content-Security-Policy"] = _LETTER_POLICY
    answer["X-Frame-Options"] = "SAMEORIGIN"
    return answer


@page(SIGNED_IN, "GET")
def people(request: SignedInRequest) -> HttpResponse:
    """Whom else one can be."""
    return render(request, "demo/people.html", {"people": demo_people()})


@page(ANYONE, "POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Be one of the demo's people, whose password everybody knows: signed out as whoever it was, and in without typing.

    A second step that they have set up is asked for all the same. `next` leads on, as from the sign-in page.
    """
    chosen = request.POST.get("person", "")
    user = next((person.user for person in demo_people() if str(person.user.pk) == chosen), None)
    if user is None:
        notes.error(request, _("Choose one of the people of the demo."))
        return redirect("account_login")
    adapter = get_adapter(request)
    after = request.POST.get("next", "")
    if isinstance(request.user, User):
        adapter.logout(request)
    answer: HttpResponse = perform_login(request, user, redirect_url=after if adapter.is_safe_url(after) else None)
    return answer
