"""`/demo/mailbox`: the mail that would have gone out, for trying Varco without a mail server (demo only)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from varco.mail import queries
from varco.portal.common.listing import page_of, words_of
from varco.portal.common.page import ANYONE, page

PAGE_SIZE = 30


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
