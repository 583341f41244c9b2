"""`/demo/mailbox`: the mail that would have gone out, for trying Varco without a mail server (demo only)."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from varco.mail.models import Message

PAGE_SIZE = 30


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """All mail, newest first; `to` narrows it to one address."""
    to = request.GET.get("to", "").replace("\0", "").strip().lower()
    found = Message.objects.order_by("-created_at", "-pk")
    if to:
        found = found.filter(to__iexact=to)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "demo/mailbox.html", {"page": page, "to": to})


@require_safe
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail."""
    return render(request, "demo/message.html", {"message": get_object_or_404(Message, pk=pk)})
