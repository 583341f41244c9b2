"""`/demo/mailbox`: the mail that would have gone out, for trying Varco without a mail server (demo only)."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from varco.mail import queries
from varco.portal.common.page import ANYONE, page

PAGE_SIZE = 30


@page(ANYONE, "GET")
def mailbox(request: HttpRequest) -> HttpResponse:
    """All mail, newest first; `to` narrows it to one address."""
    to = request.GET.get("to", "").replace("\0", "").strip().lower()
    messages = Paginator(queries.newest(to), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "demo/mailbox.html", {"page": messages, "to": to})


@page(ANYONE, "GET")
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail."""
    return render(request, "demo/message.html", {"message": get_object_or_404(queries.newest(), pk=pk)})
